"""Features at the freeze line: extraction, their store on disk, decoded inputs, augmented views."""
