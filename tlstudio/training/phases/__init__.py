"""The phases that strategies put together: one per file."""
