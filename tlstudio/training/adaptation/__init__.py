"""Adapting a head to images of another place, of which no labels are known."""
