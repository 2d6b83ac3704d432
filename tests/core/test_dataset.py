"""A data set, its columns and its images."""

from __future__ import annotations

import pickle
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from tlstudio.core.dataset import Dataset, Image, LabelColumn, Source, labels_of, shared_labels


def image(path: str, **labels: str) -> Image:
    return Image(path=path, sha256=path, labels=shared_labels(tuple(labels.items())))


FOLDER = Dataset.of_folder(
    Path("/photos"),
    images=(image("a/1", label="a"), image("b/1", label="b"), image("a/2", label="a"), image("loose")),
    classes=("b", "a", "c"),
)
TWO_COLUMNS = Dataset(
    sources=(Source(root=Path("/photos")), Source(id="more", root=Path("/more"), role="unlabelled")),
    columns=(
        LabelColumn(name="species", classes=("oak", "elm")),
        LabelColumn(name="health", classes=("well", "ill")),
    ),
    images=(
        image("1", species="oak", health="ill"),
        image("2", species="elm"),
        image("3", health="well"),
        replace(image("1"), source="more"),
    ),
)


def test_a_folder_has_one_source_and_one_column():
    assert FOLDER.root == Path("/photos")
    assert FOLDER.classes == ("b", "a", "c")
    assert FOLDER.sources == (Source(id="images", root=Path("/photos"), role="labelled"),)
    assert FOLDER.column().name == "label"
    assert [image.label() for image in FOLDER.images] == ["a", "b", "a", None]


def test_images_of_a_class_come_in_the_order_of_the_classes():
    found = {name: [image.path for image in images] for name, images in FOLDER.by_class().items()}
    assert list(found.items()) == [("b", ["b/1"]), ("a", ["a/1", "a/2"]), ("c", [])]
    assert [image.path for image in FOLDER.labelled()] == ["a/1", "b/1", "a/2"]


def test_each_column_has_its_own_labels_and_the_first_is_the_default():
    assert TWO_COLUMNS.classes == ("oak", "elm")
    assert [image.path for image in TWO_COLUMNS.labelled()] == ["1", "2"]
    assert [image.path for image in TWO_COLUMNS.labelled("health")] == ["1", "3"]
    assert [image.path for image in TWO_COLUMNS.by_class("health")["ill"]] == ["1"]
    assert TWO_COLUMNS.images[0].label("health") == "ill"
    assert TWO_COLUMNS.images[1].label("health") is None
    with pytest.raises(KeyError, match="colour"):
        TWO_COLUMNS.labelled("colour")


def test_equal_labels_are_one_object():
    assert labels_of("oak") is labels_of("oak") is shared_labels((("label", "oak"),))
    assert labels_of(None) == {}
    assert image("1").labels is image("2").labels


def test_a_dataset_can_be_pickled_and_written_as_plain_values():
    assert pickle.loads(pickle.dumps(TWO_COLUMNS)) == TWO_COLUMNS
    assert asdict(TWO_COLUMNS)["images"][0]["labels"] == {"species": "oak", "health": "ill"}
    assert len({*TWO_COLUMNS.images, *TWO_COLUMNS.images}) == 4
