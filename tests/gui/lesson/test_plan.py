"""The steps of the first lesson."""

from __future__ import annotations

import json

import pytest

from tlstudio.gui.lesson.plan import FAULTS, STEPS, Facts, current_step, is_lesson, where_to_mend
from tlstudio.samples.first_lesson import FIRST_LESSON, ODD_IMAGE, WRONG_LABELS
from tlstudio.samples.marker import MARKER


def test_there_are_five_steps_for_three_wrong_labels_and_one_odd_image():
    assert len(STEPS) == 5
    assert (len(WRONG_LABELS), FAULTS) == (3, 4)
    assert ODD_IMAGE not in WRONG_LABELS


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        (Facts(), 0),
        (Facts(seen=frozenset({"data"})), 0),
        (Facts(seen=frozenset({"data", "model"})), 1),
        (Facts(trained=True), 2),
        (Facts(trained=True, seen=frozenset({"evaluate"})), 3),
        (Facts(trained=True, mended=1), 3),
        (Facts(trained=True, mended=FAULTS), 4),
        (Facts(trained=True, mended=FAULTS, retrained=True), 5),
    ],
)
def test_a_step_is_done_when_the_person_did_it(facts, step):
    assert current_step(facts) == step


def test_a_planted_image_is_named_with_its_place_and_what_it_shows():
    assert where_to_mend("bolt/bolt-30.jpg", "bolt") == (
        "bolt-30.jpg is in the class “bolt” on the Data page, and shows a washer."
    )
    assert "no class" in where_to_mend(ODD_IMAGE, "nut")


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        (json.dumps({"sample": FIRST_LESSON, "seed": 0}), True),
        (json.dumps({"sample": "nuts-and-bolts"}), False),
        ("[]", False),
        ("{", False),
        (None, False),
    ],
)
def test_the_sample_is_recognised_by_its_marker(tmp_path, marker, expected):
    if marker is not None:
        (tmp_path / MARKER).write_text(marker, encoding="utf-8")
    assert is_lesson(tmp_path) is expected
