"""A division that came with the images."""

from __future__ import annotations

from tlstudio.core.dataset import DEFAULT_COLUMN, Image, labels_of
from tlstudio.core.types import SplitName
from tlstudio.data.given_division import given_division


def image(path: str, side: SplitName | None, *, sha256: str = "") -> Image:
    return Image(path=path, sha256=sha256 or path, labels=labels_of("c"), given_split=side)


def test_without_a_division_everything_is_drawn():
    given = given_division([image("1", None)], validation=0.1, test=0.2)
    assert (given.sides, given.fixed, given.validation, given.test) == (frozenset(), {}, 0.1, 0.2)
    assert given.notes() == ()


def test_training_images_are_free_only_while_a_side_is_wanted_that_is_missing():
    images = [image("1", "train"), image("2", "test")]
    given = given_division(images, validation=0.1, test=0.2)
    assert (given.fixed, given.validation, given.test) == ({"2": "test"}, 0.1, 0.0)
    assert given_division(images, validation=0, test=0.2).fixed == {"1": "train", "2": "test"}


def test_images_for_which_nothing_is_given_join_their_copies():
    images = [image("1", "test", sha256="s"), image("2", None, sha256="s"), image("3", None)]
    given = given_division(images, validation=0, test=0)
    assert given.relatives(images, column=DEFAULT_COLUMN) == {"2": "test"}
