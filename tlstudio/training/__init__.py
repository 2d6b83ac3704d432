"""Training: runs, phases, strategies, the training loop, the head, planning and automatic choice."""
