"""From files to pixels: scanning, decoding, preprocessing, splits, health checks, samples."""
