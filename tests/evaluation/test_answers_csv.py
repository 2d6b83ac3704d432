"""The table of answers is written while they come, and is there only when all are."""

import csv

import pytest

from tlstudio.core.types import PredictedImage
from tlstudio.evaluation.answers_csv import with_csv

GOOD = PredictedImage(path="a.jpg", probabilities={"ants": 0.25, "bees": 0.75})
BAD = PredictedImage(path="b.jpg", error="It is empty.")


def rows(file):
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.reader(text))


def test_classes_come_from_the_first_image_that_could_be_read(tmp_path):
    file = tmp_path / "answers.csv"
    assert list(with_csv(iter([BAD, GOOD, BAD]), file)) == [BAD, GOOD, BAD]
    bad = ["b.jpg", "", "", "", "", "It is empty."]
    assert rows(file) == [
        ["path", "class", "probability", "ants", "bees", "error"],
        bad,
        ["a.jpg", "bees", "0.750000", "0.250000", "0.750000", ""],
        bad,
    ]


def test_without_any_readable_image_the_reasons_are_there(tmp_path):
    list(with_csv(iter([BAD]), tmp_path / "answers.csv"))
    assert rows(tmp_path / "answers.csv") == [
        ["path", "class", "probability", "error"],
        ["b.jpg", "", "", "It is empty."],
    ]


def test_answers_are_written_as_they_come_and_moved_in_place_at_the_end(tmp_path):
    file = tmp_path / "answers.csv"
    answers = with_csv(iter([GOOD] * 20_000), file)
    for _ in range(15_000):
        next(answers)
    (unfinished,) = tmp_path.iterdir()
    assert unfinished != file
    assert unfinished.stat().st_size > 100_000
    list(answers)
    assert list(tmp_path.iterdir()) == [file]
    assert len(rows(file)) == 20_001


def test_what_is_broken_off_leaves_nothing(tmp_path):
    def answers():
        yield GOOD
        raise RuntimeError("gone")

    with pytest.raises(RuntimeError, match="gone"):
        list(with_csv(answers(), tmp_path / "answers.csv"))
    assert list(tmp_path.iterdir()) == []
