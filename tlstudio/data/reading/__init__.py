"""Parts that readers of image files are made of: Pillow, tifffile, and how much is decoded at a time."""
