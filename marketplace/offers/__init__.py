"""What creators sell: offers and their packages."""
