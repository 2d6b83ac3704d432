"""Writes a trained classifier as files for use elsewhere, and checks that they predict the same."""
