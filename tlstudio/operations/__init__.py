"""One file per operation: what the window's engine and the command line may call of the layers below.

Each module implements the spec of its name in `tlstudio.specs.operations` as `IMPLEMENTATION`, a function
`(arguments, context)` that returns plain JSON values.
"""
