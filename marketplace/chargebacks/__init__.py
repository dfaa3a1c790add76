"""Payments that a payer's bank takes back: their stages, the evidence, and who bears them."""
