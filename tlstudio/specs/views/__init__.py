"""The spec of each figure."""
