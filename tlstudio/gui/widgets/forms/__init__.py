"""Forms drawn from what a spec declares: its options model and its inputs."""
