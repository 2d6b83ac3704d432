"""The exit codes of the command line."""

DONE = 0
FAULT = 1
"""A fault of this program."""
WRONG_INPUT = 2
"""The input or the usage is wrong."""
CANCELLED = 130
