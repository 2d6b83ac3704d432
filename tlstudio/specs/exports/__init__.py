"""The spec of each export format."""
