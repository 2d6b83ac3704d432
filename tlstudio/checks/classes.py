"""Images of a dataset sorted by class and by content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from tlstudio.core.types import ImageRecord, ScanReport


def images_by_class(dataset: ScanReport) -> dict[str, list[ImageRecord]]:
    """The labelled images of each class, in the order of the classes; a class without images has none."""
    images: dict[str, list[ImageRecord]] = {name: [] for name in dataset.classes}
    for record in dataset.records:
        if record.class_name is not None:
            images[record.class_name].append(record)
    return images


def copies_of_one_image(dataset: ScanReport) -> list[list[ImageRecord]]:
    """Images whose files hold the same bytes, put together; images without a copy are left out."""
    by_content: dict[str, list[ImageRecord]] = defaultdict(list)
    for record in dataset.records:
        by_content[record.sha256].append(record)
    return [records for records in by_content.values() if len(records) > 1]


def labels_of(images: Iterable[ImageRecord]) -> set[str]:
    """The different labels of some images; unlabelled images have none."""
    return {image.class_name for image in images if image.class_name is not None}
