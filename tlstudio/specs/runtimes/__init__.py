"""The spec of each runtime."""
