"""One file per operation: the only door to everything below, for the window's engine and the command line.

Each module implements the spec of its name in `tlstudio.specs.operations` as `IMPLEMENTATION`, a function
`(arguments, context)` that returns plain JSON values.
"""
