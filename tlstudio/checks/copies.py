"""Finds images whose files hold the same bytes."""

from __future__ import annotations

from collections import defaultdict

from tlstudio.core.dataset import Dataset, Image


def copies_of_one_image(dataset: Dataset) -> list[list[Image]]:
    """Group images with the same content; images without a copy are left out."""
    by_content: dict[str, list[Image]] = defaultdict(list)
    for image in dataset.images:
        by_content[image.sha256].append(image)
    return [images for images in by_content.values() if len(images) > 1]


def columns_in_conflict(copies: list[Image]) -> set[str]:
    """The label columns in which copies of one image have different labels."""
    labels: dict[str, set[str]] = defaultdict(set)
    for image in copies:
        for column, label in image.labels.items():
            labels[column].add(label)
    return {column for column, different in labels.items() if len(different) > 1}
