"""Exported models, proven to give the same answers."""
