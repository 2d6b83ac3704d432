"""Asking a trained classifier about image files."""
