"""Reading image folders: scanning, decoding, preprocessing, groups and splits."""
