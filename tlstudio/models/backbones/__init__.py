"""Where backbones come from: one source per file."""
