"""Pieces of sentences."""

from __future__ import annotations

from tlstudio.core.wording import count, named


def test_a_number_agrees_with_its_noun():
    assert count(1, "image") == "1 image"
    assert count(0, "image") == "0 images"
    assert count(2, "class", plural="classes") == "2 classes"


def test_many_names_are_cut_short():
    assert named(["a", "b", "c", "d"]) == "a, b, c, d"
    assert named(["a", "b", "c", "d", "e", "f"]) == "a, b, c, d and 2 more"


def test_a_verb_agrees_too_and_the_digits_can_be_written_otherwise():
    assert count(1, "file is", plural="files are") == "1 file is"
    assert count(2, "file is", plural="files are") == "2 files are"
    assert count(1204, "image", digits=lambda number: f"{number:,}") == "1,204 images"
