"""Reviews: what each side says of the other after a completed deal."""
