"""How torch computes: device, threads, seeds, batch size, reading ahead."""
