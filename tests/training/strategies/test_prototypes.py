"""The strategy of prototypes: from one image per class to a classifier that exports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.training.tiny import Photos, same_weights, train
from tlstudio.core.errors import UserError
from tlstudio.core.events import EpochEnded, Event
from tlstudio.training.head.prototypes import STRENGTHS

RECIPE = {"strategy": "prototypes"}
pytestmark = pytest.mark.usefixtures("tiny")


@pytest.mark.parametrize("per_class", [1, 2, 3])
def test_it_learns_from_one_to_three_images_per_class(photos: Photos, tmp_path: Path, per_class: int):
    result = train(photos(per_class=per_class), tmp_path / "run", **RECIPE)
    assert result["status"] == "finished"
    if per_class < 3:
        assert result["images"] == {"train": 3 * per_class, "validation": 0, "test": 0, "skipped": 0}


def test_it_is_compared_and_shows_a_setting_per_strength(photos: Photos, tmp_path: Path):
    events: list[Event] = []
    result = train(photos(per_class=8), tmp_path / "run", emit=events.append, **RECIPE)
    assert result["test"]["n"] > 0
    settings = [event for event in events if isinstance(event, EpochEnded)]
    assert [event.axis for event in settings] == ["setting"] * len(STRENGTHS)
    assert json.loads((tmp_path / "run/comparisons.json").read_text())["strategy"]["n"] > 0


def test_the_same_again_and_a_hidden_head_gives_way_to_a_linear_one(photos: Photos, tmp_path: Path):
    root = photos(per_class=2)
    for name in ("one", "two"):
        train(root, tmp_path / name, head={"kind": "hidden", "hidden_units": 8}, **RECIPE)
    assert same_weights(tmp_path / "one", tmp_path / "two")


def test_a_lower_freeze_line_is_refused(photos: Photos, tmp_path: Path):
    with pytest.raises(UserError, match="prototypes trains the head alone"):
        train(photos(per_class=2), tmp_path / "run", freeze="top", **RECIPE)
