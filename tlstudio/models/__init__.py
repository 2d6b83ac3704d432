"""Backbones, their weights and stages, the freeze line, heads, and the assembled classifier."""
