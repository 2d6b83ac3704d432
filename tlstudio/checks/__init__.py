"""Checks of data and of classifiers: one per file, one runner, one kind of evidence."""
