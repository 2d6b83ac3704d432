"""The spec of each strategy."""
