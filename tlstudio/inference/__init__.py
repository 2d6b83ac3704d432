"""Class probabilities for image files, from a trained classifier or an exported model."""
