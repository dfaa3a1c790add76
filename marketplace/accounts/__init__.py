"""Users, signing in and who is acting."""
