"""The command line: the same operations as the window, with results as text or JSON."""
