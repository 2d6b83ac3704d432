"""Marks: the same pixels at the same place in many images of one class."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from tlstudio.checks.marks import POINTS, find_marks

CLASSES = 3
PER_CLASS = 40


def overviews(*, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Smooth images that have nothing in common, with their labels."""
    random = np.random.default_rng(seed)
    coarse = random.uniform(0, 1, (CLASSES * PER_CLASS, 4, 4, 3))
    values = coarse.repeat(POINTS // 4, axis=1).repeat(POINTS // 4, axis=2)
    values = np.clip(values + random.normal(0, 0.02, values.shape), 0, 1).astype(np.float32)
    return values, np.repeat(np.arange(CLASSES), PER_CLASS)


def marked(
    share: float, *, others: float, seed: int = 0, place: tuple[slice, slice] = (slice(0, 3), slice(0, 3))
) -> tuple[NDArray[np.float32], NDArray[np.int64], set[int]]:
    """Images of which a share of class 1 and a share of the others has a mark; and the rows that have it."""
    values, labels = overviews(seed=seed)
    chance = np.random.default_rng([seed, 1]).uniform(size=len(labels))
    rows = (chance < np.where(labels == 1, share, others)).nonzero()[0]
    values[rows, place[0], place[1]] = (0.8, 0.1, 0.1)
    return values, labels, set(rows.tolist())


@pytest.mark.parametrize("seed", range(5))
def test_images_that_have_nothing_in_common_have_no_mark(seed: int):
    assert find_marks(*overviews(seed=seed)) == []


@pytest.mark.parametrize(("share", "others"), [(1.0, 0.0), (0.85, 0.15), (0.8, 0.0)])
def test_a_mark_is_found_with_those_that_have_it(share: float, others: float):
    values, labels, rows = marked(share, others=others)
    (mark,) = find_marks(values, labels)
    assert mark.label == 1
    assert mark.words == "top left corner"
    assert mark.share == pytest.approx(share, abs=0.15)
    assert mark.others == pytest.approx(others, abs=0.1)
    assert set(mark.rows) == rows
    assert labels[mark.example] == labels[mark.rows[0]] == 1
    assert mark.points[:3, :3].all()
    assert mark.points.sum() == 9


@pytest.mark.parametrize(("share", "others"), [(0.55, 0.45), (0.5, 0.0), (1.0, 1.0)])
def test_what_tells_little_of_the_class_is_no_mark(share: float, others: float):
    values, labels, _ = marked(share, others=others)
    assert find_marks(values, labels) == []


def test_digits_on_paper_agree_by_what_they_are():
    digits = load_digits()
    rows = np.concatenate([(digits.target == number).nonzero()[0][:PER_CLASS] for number in range(10)])
    ink = digits.images[rows].repeat(POINTS // 8, axis=1).repeat(POINTS // 8, axis=2) / 16
    values = np.repeat(1 - ink[..., None], 3, axis=3).astype(np.float32)
    labels = np.asarray(digits.target[rows], dtype=np.int64)
    assert find_marks(values, labels) == []


def test_a_white_ground_of_all_images_is_no_mark_and_no_part_of_one():
    values, labels, _ = marked(1.0, others=0.0)
    values[:, 16:] = 1.0
    (mark,) = find_marks(values, labels)
    assert not mark.points[16:].any()


@pytest.mark.parametrize(
    ("rows", "columns", "words"),
    [
        (slice(30, 32), slice(28, 32), "bottom right corner"),
        (slice(0, 2), slice(0, 32), "top edge"),
        (slice(8, 24), slice(0, 3), "left edge"),
        (slice(14, 18), slice(14, 18), "middle"),
    ],
)
def test_its_place_is_said(rows: slice, columns: slice, words: str):
    values, labels, _ = marked(1.0, others=0.0, place=(rows, columns))
    (mark,) = find_marks(values, labels)
    assert mark.words == words


def test_its_pixels_are_those_of_the_points_and_next_to_them():
    values, labels, _ = marked(1.0, others=0.0)
    (mark,) = find_marks(values, labels)
    pixels = mark.pixels(224)
    assert pixels.shape == (224, 224)
    assert pixels[:28, :28].all()
    assert pixels.sum() == 28 * 28


def test_one_class_has_no_other_to_differ_from():
    values, labels, _ = marked(1.0, others=0.0)
    assert find_marks(values[labels == 1], labels[labels == 1]) == []
