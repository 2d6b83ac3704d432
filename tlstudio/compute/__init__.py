"""Everything that sets how torch computes: device, threads, seeds, batch size, reading ahead."""
