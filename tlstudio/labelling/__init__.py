"""Labelling with suggestions: a head fitted anew as labels come, and the choice of what to look at next."""
