"""Lists of what creators and brands publish."""
