"""Double-entry books: accounts, entries and lines that only grow. Owners and references are opaque text."""
