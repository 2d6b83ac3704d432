"""The training loop and its parts: optimiser, checkpoints, precision, scores."""
