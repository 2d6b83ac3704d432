"""All runs of a project side by side, two of them compared in detail."""
