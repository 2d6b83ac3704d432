"""How knowledge is transferred: one strategy per file."""
