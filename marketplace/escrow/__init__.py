"""Funding, settling and refunding a deal: moves the deal and the money together."""
