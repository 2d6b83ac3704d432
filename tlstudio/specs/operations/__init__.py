"""The spec of each operation."""
