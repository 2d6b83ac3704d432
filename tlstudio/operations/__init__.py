"""What tlstudio can do, one operation per file: the only door of the command line and the engine."""
