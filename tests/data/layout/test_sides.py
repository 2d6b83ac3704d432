"""Names of the parts of a division."""

from __future__ import annotations

import pytest

from tlstudio.data.layout.sides import find_division, sides_in_order


@pytest.mark.parametrize(
    ("names", "side"),
    [
        (("train", "Training", "TRAIN", "training_set", "01_train", "TrainImages", "trainset"), "train"),
        (("val", "valid", "Validation", "validation-data", "dev", "valset", "2 val"), "validation"),
        (("test", "Testing", "holdout", "hold-out", "Held out", "test_images", "testdataset"), "test"),
        (("contest", "cat", "trainer", "values", "2023", "", "train_test", "latest", "siteA"), None),
    ],
)
def test_a_name_means_a_side(names, side):
    found = [find_division({name, "train", "test"}).get(name) for name in names]
    assert found == [side] * len(names)


@pytest.mark.parametrize(
    ("names", "division"),
    [
        (["train", "val", "test"], {"train": "train", "val": "validation", "test": "test"}),
        (["Training", "Testing"], {"Training": "train", "Testing": "test"}),
        (["seg_train", "seg_test", "seg_pred"], {"seg_train": "train", "seg_test": "test"}),
        (["leaves-train", "leaves-valid"], {"leaves-train": "train", "leaves-valid": "validation"}),
        (["train", "dev", "holdout", "extra"], {"train": "train", "dev": "validation", "holdout": "test"}),
        (["train", "final_test"], {"train": "train", "final_test": "test"}),
        (["train", "final_test", "car"], {}),
        (["valid", "invalid"], {}),
        (["car", "train", "bus"], {}),
        (["train1", "train2"], {}),
        (["ants", "bees"], {}),
        ([], {}),
    ],
)
def test_a_division_has_at_least_two_sides(names, division):
    assert find_division(names) == division


def test_parts_are_listed_in_their_usual_order():
    division = find_division(["test", "Train", "valid"])
    assert sides_in_order(division) == ["Train", "valid", "test"]
