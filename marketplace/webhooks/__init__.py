"""Inbound provider events."""
