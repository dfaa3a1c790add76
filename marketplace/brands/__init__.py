"""Brands and their members."""
