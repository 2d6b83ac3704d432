"""Counts of images by class."""

from __future__ import annotations

from collections import Counter

from tlstudio.core.dataset import Dataset


def class_counts(dataset: Dataset) -> dict[str, int]:
    """Images per class, in the order of the classes."""
    counts = Counter(image.label() for image in dataset.images)
    return {name: counts[name] for name in dataset.classes}
