"""Copies and groups on several sides of a division."""

from __future__ import annotations

from tlstudio.core.dataset import Image
from tlstudio.data.leaks import find_leaks, leak_sentences

IMAGES = [
    Image(path="train/1", sha256="same"),
    Image(path="test/1", sha256="same"),
    Image(path="train/2", sha256="2", group="Ann"),
    Image(path="test/2", sha256="3", group="Ann"),
    Image(path="train/3", sha256="4", group="Bob"),
    Image(path="train/4", sha256="4", group="Bob"),
    Image(path="loose", sha256="4"),
]
SIDES = {image.path: image.path.split("/")[0] for image in IMAGES if "/" in image.path}


def test_only_what_lies_on_several_sides_leaks():
    leaks = find_leaks(IMAGES, SIDES)
    assert (leaks.copies, leaks.pictures) == (("train/1", "test/1"), 1)
    assert (leaks.groups, leaks.grouped) == (("Ann",), ("train/2", "test/2"))
    copies, groups = leak_sentences(leaks)
    assert copies[0].startswith("1 picture lies on several sides")
    assert groups[0].startswith("1 group has images on several sides")


def test_near_duplicates_leak_unless_they_are_exact_copies():
    near = [
        Image(path="train/5", sha256="5", near="x"),
        Image(path="test/5", sha256="6", near="x"),
        Image(path="train/6", sha256="7", near="y"),
        Image(path="test/6", sha256="7", near="y"),
        Image(path="train/7", sha256="8", near="z"),
        Image(path="train/8", sha256="9", near="z"),
    ]
    leaks = find_leaks(near, {image.path: image.path.split("/")[0] for image in near})
    assert (leaks.near, leaks.near_pictures) == (("train/5", "test/5"), 1)
    assert leaks.copies == ("train/6", "test/6")
    assert "as near-duplicates" in leak_sentences(leaks)[1][0]


def test_a_clean_division_says_nothing():
    assert leak_sentences(find_leaks(IMAGES[2:], SIDES | {"test/2": "train"})) == []
