"""Understanding folders: which are classes, which divide the images, which only wrap others."""
