"""Groups in file names are offered with the rule, and never where groups or a division are given."""

from __future__ import annotations

from dataclasses import replace

from tests.checks.made import dataset, examine, image, images
from tlstudio.checks.evidence import Evidence
from tlstudio.core.types import Split

PATIENTS = [
    image(f"{'ab'[patient % 2]}/patient{patient}_{number:02d}.jpg")
    for patient in range(10)
    for number in range(3)
]


def test_names_with_a_number_for_each_patient_offer_groups():
    (note,) = examine("guessed-groups", dataset(*PATIENTS))
    assert note.severity == "note"
    assert note.message.startswith("30 of 30 images share")
    assert note.numbers["beginnings"] == 10
    assert len(note.paths) == 30
    assert note.action is not None
    assert (note.action.kind, note.action.rule) == ("group", note.numbers["rule"])


def test_how_many_lie_on_several_sides_now_is_said():
    sides = {one.path: "test" if number == 0 else "train" for number, one in enumerate(PATIENTS)}
    split = Split(assignment=sides, seed=0, validation_fraction=0, test_fraction=0.1)
    (note,) = examine("guessed-groups", Evidence(dataset=dataset(*PATIENTS), split=split))
    assert note.numbers["on_several_sides"] == 1


def test_given_groups_a_given_division_and_other_names_are_left_alone():
    grouped = [replace(one, group="g") for one in PATIENTS]
    divided = [replace(one, given_split="train") for one in PATIENTS]
    for of in (grouped, divided, images(a=20, b=20)):
        (ok,) = examine("guessed-groups", dataset(*of))
        assert ok.severity == "ok"
