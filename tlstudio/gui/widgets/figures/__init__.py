"""Widgets that show figures and tables of numbers."""
