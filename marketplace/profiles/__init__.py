"""The public pages of creators and companies: they show what every floor below knows, so they stand above them."""
