"""Front page, role homes and the pages about the rules."""
