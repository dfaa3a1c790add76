"""A crowd of any size, for measurements: the same numbers give the same people, with the skew of a real market."""
