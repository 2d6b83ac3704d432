"""Plain values, contracts and rules that every other layer relies on. Never imports torch or Qt at load."""
