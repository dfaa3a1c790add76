"""Creators, their channels and fan readings."""
