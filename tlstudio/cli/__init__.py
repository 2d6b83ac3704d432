"""The command line: the same operations as the window, told as text or JSON."""
