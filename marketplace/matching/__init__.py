"""Selections: one side choosing the other."""
