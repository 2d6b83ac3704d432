"""Choosing the freeze line by trying several."""
