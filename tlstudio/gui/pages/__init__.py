"""The five steps and the home page."""
