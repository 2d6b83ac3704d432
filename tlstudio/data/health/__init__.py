"""Data health: one check per file."""
