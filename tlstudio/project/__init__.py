"""A project on disk: images and labels, runs, locks, the list of recent projects."""
