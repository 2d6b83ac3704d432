"""Exact copies with the same label."""

from __future__ import annotations

import time

from tests.checks.made import dataset, examine, image, images


def test_copies_within_a_class_are_a_note():
    (found,) = examine(
        "exact-duplicates", dataset(image("a/1", sha256="s"), image("a/2", sha256="s"), image("a/3"))
    )
    assert (found.severity, found.paths) == ("note", ("a/1", "a/2"))
    assert found.numbers == {"copies": 1}


def test_an_unlabelled_copy_is_an_ordinary_copy():
    (found,) = examine("exact-duplicates", dataset(image("a/1", sha256="s"), image("x.jpg", sha256="s")))
    assert found.severity == "note"


def test_copies_with_different_labels_are_left_to_the_other_check():
    copies = dataset(image("a/1", sha256="s"), image("b/1", sha256="s"))
    (found,) = examine("exact-duplicates", copies)
    assert (found.severity, found.message) == (
        "ok",
        "No image is an exact copy of another with the same label.",
    )


def test_without_copies_it_speaks_of_exact_copies_only():
    (found,) = examine("exact-duplicates", dataset(*images(a=3)))
    assert (found.severity, found.message) == ("ok", "No image is an exact copy of another.")


def test_twenty_thousand_copies_take_less_than_two_seconds():
    pairs = [image(f"cat/{n}-{copy}.jpg", sha256=str(n)) for n in range(10_000) for copy in "ab"]
    began = time.process_time()
    (found,) = examine("exact-duplicates", dataset(*pairs))
    # Each set compared with each other would be a hundred million comparisons.
    assert time.process_time() - began < 2
    assert len(found.paths) == 20_000
