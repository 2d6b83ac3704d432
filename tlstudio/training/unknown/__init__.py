"""Fits the unknown score of a classifier: how unlike the training images an image is."""
