"""Checks of a trained classifier, one per file."""
