"""Agencies: who represents which creators, by whose consent, for what share."""
