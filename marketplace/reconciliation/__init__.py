"""The provider's own account of our money, line by line against the books."""
