"""Fee rules as data and what they give for one deal. Knows no deals: creators and keys are opaque text."""
