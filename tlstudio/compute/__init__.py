"""Configures torch: device, threads, random seeds, batch size, and reading images ahead."""
