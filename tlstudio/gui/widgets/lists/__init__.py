"""Lists and cards of items to choose from."""
