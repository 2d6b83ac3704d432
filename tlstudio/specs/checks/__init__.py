"""The spec of each check."""
