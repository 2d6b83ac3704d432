"""Checks of the data and of a trained classifier: one per file, one runner, one evidence."""
