"""Readers: one family of file formats per file."""
