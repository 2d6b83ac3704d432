"""The command line: argument parsing, a progress bar, JSON and human output."""
