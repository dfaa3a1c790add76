"""The agreed terms as a signed, hashed document."""
