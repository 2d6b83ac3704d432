"""The training loop, the frozen side of the freeze line, checkpoints and strategies."""
