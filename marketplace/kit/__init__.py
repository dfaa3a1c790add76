"""Money, clock, ids and errors: pure Python with no I/O, importable from every floor."""
