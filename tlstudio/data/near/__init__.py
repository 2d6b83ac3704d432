"""Finds near-duplicates: one picture saved, resized, cut or turned a little differently."""
