"""Negotiation, lifecycle, deliveries and messages of a deal; moves no money."""
