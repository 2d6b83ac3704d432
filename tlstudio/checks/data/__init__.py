"""Checks of the images and labels, one per file."""
