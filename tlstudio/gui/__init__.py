"""The window. Qt only: torch lives in the engine process."""
