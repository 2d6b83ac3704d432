"""Counts of images by class."""

from pathlib import Path

from tlstudio.core.dataset import Dataset, Image, labels_of
from tlstudio.operations.class_counts import class_counts


def test_every_class_is_counted_in_its_order_also_an_empty_one():
    labels = ["bees", "ants", "bees", None]
    images = [
        Image(path=f"{number}.png", sha256=str(number), labels=labels_of(label), width=1, height=1)
        for number, label in enumerate(labels)
    ]
    dataset = Dataset.of_folder(Path("x"), images=images, problems=[], classes=["bees", "ants", "wasps"])
    assert list(class_counts(dataset).items()) == [("bees", 2), ("ants", 1), ("wasps", 0)]
