"""Finding a learning rate before a training: the range test, what its curve shows, and that in words."""
