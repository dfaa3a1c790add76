"""Mutuals: a marketplace where creators and brands choose each other."""
