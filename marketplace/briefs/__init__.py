"""What brands want made."""
