"""The table of predictions is written while they are made, and appears only when all of them are there."""

import csv

import pytest

from tlstudio.core.types import PredictedImage
from tlstudio.inference.predictions_csv import write_while_reading

GOOD = PredictedImage(path="a.jpg", probabilities={"ants": 0.25, "bees": 0.75})
BAD = PredictedImage(path="b.jpg", error="It is empty.")


def rows(file):
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.reader(text))


def test_class_columns_come_from_the_first_readable_image(tmp_path):
    file = tmp_path / "predictions.csv"
    assert list(write_while_reading(iter([BAD, GOOD, BAD]), file)) == [BAD, GOOD, BAD]
    bad = ["b.jpg", "", "", "", "", "It is empty."]
    assert rows(file) == [
        ["path", "class", "probability", "ants", "bees", "error"],
        bad,
        ["a.jpg", "bees", "0.750000", "0.250000", "0.750000", ""],
        bad,
    ]


def test_without_a_readable_image_the_table_holds_the_reasons(tmp_path):
    list(write_while_reading(iter([BAD]), tmp_path / "predictions.csv"))
    assert rows(tmp_path / "predictions.csv") == [
        ["path", "class", "probability", "error"],
        ["b.jpg", "", "", "It is empty."],
    ]


def test_rows_are_written_to_a_temporary_file_and_moved_in_place_at_the_end(tmp_path):
    file = tmp_path / "predictions.csv"
    predictions = write_while_reading(iter([GOOD] * 20_000), file)
    for _ in range(15_000):
        next(predictions)
    (unfinished,) = tmp_path.iterdir()
    assert unfinished != file
    assert unfinished.stat().st_size > 100_000
    list(predictions)
    assert list(tmp_path.iterdir()) == [file]
    assert len(rows(file)) == 20_001


def test_an_error_leaves_no_file_behind(tmp_path):
    def predictions():
        yield GOOD
        raise RuntimeError("gone")

    with pytest.raises(RuntimeError, match="gone"):
        list(write_while_reading(predictions(), tmp_path / "predictions.csv"))
    assert list(tmp_path.iterdir()) == []
