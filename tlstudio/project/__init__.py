"""Projects and runs on disk: labels, splits, run folders, and the list of recent projects."""
