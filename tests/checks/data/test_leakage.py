"""Copies across the split, of data and of a classifier that was trained on them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.checks.made import dataset, evaluation, examine, image
from tests.data.near.made import CHANGES, scene
from tests.training.tiny import train
from tlstudio.checks.evidence import Evidence
from tlstudio.checks.examine import examine_run
from tlstudio.core.finding import Finding
from tlstudio.core.types import Split
from tlstudio.data.scan import scan_folder
from tlstudio.operations.context import Context
from tlstudio.operations.looking import with_near_duplicates
from tlstudio.project.runs import RunFolder

COPIES = [image("a/1", sha256="s"), image("a/2", sha256="s"), image("b/1")]


def split(**sides: str) -> Split:
    assignment = {path.replace("_", "/"): side for path, side in sides.items()}
    return Split(assignment=assignment, seed=0, validation_fraction=0, test_fraction=0)


def test_copies_on_two_sides_are_a_warning_with_their_paths():
    evidence = Evidence(dataset=dataset(*COPIES), split=split(a_1="train", a_2="test", b_1="train"))
    (found,) = examine("leakage", evidence)
    assert (found.severity, found.paths) == ("warning", ("a/1", "a/2"))
    assert found.mend


def test_a_division_that_came_with_the_images_is_judged_without_a_split():
    first, second, third = COPIES
    given = dataset(replace(first, given_split="train"), replace(second, given_split="test"), third)
    (found,) = examine("leakage", given)
    assert found.severity == "warning"


def test_copies_on_one_side_and_images_without_a_division_are_in_order():
    evidence = Evidence(dataset=dataset(*COPIES), split=split(a_1="train", a_2="train", b_1="test"))
    assert [finding.severity for finding in examine("leakage", evidence)] == ["ok"]
    assert [finding.severity for finding in examine("leakage", dataset(*COPIES))] == ["ok"]


def test_the_accuracy_without_copies_is_said_where_there_is_a_classifier():
    images = [image(f"{number}.jpg", sha256=str(number)) for number in range(4)]
    images.append(image("copy.jpg", sha256="0"))
    sides = {f"{number}.jpg": "test" for number in range(4)} | {"copy.jpg": "train"}
    drawn = Split(assignment=sides, seed=0, validation_fraction=0, test_fraction=0)
    of_all = evaluation([0, 0, 1, 1], [0, 1, 0, 1], classes=("a", "b"))
    evidence = Evidence(dataset=dataset(*images), split=drawn, evaluation=of_all)
    (found,) = examine("leakage", evidence)
    assert " Of the test images it gets 50 % of 4 (95 % interval 15 % to 85 %) right; " in found.meaning
    assert "without those that are among them, 33 % of 3 (" in found.meaning
    assert (found.numbers["accuracy_without"], found.numbers["n_without"]) == (pytest.approx(1 / 3), 3)
    of_one = Evidence(dataset=evidence.dataset, split=drawn, evaluation=evaluation([0], [0]))
    (only,) = examine("leakage", of_one)
    assert only.meaning.endswith("All 1 test images are among them: how good it is is not known.")


@pytest.fixture
def found(tiny_backbones: None, fresh_cache: None, tmp_path: Path):
    """Trains on pictures that came divided; copies of some training pictures are tested where wished."""

    def made(*, leaks: bool) -> list[Finding]:
        root = tmp_path / "images"
        for number in range(48):
            place = root / ("test" if number >= 32 else "train") / ("ants" if number % 2 else "bees")
            place.mkdir(parents=True, exist_ok=True)
            scene(number).save(place / f"{number:02d}.png")
        for number, change in enumerate(CHANGES.values() if leaks else ()):
            kind = "ants" if number % 2 else "bees"
            change(scene(number)).save(root / "test" / kind / f"copy-{number:02d}.png")
        divided = with_near_duplicates(scan_folder(root), Context(run_id="r"))
        train(root, tmp_path / "run", dataset=divided, split={"validation": 0, "test": 0.2})
        findings = examine_run(RunFolder(tmp_path / "run"), dataset=divided)
        return [finding for finding in findings if finding.check == "leakage"]

    return made


def test_training_images_that_are_tested_in_another_form_are_found(found):
    (leak,) = found(leaks=True)
    assert leak.severity == "warning"
    assert leak.message.startswith(f"{len(CHANGES)} pictures lie on several sides of the division as near-")
    copies = {path.rpartition("/")[2] for path in leak.paths if path.startswith("test/")}
    assert copies == {f"copy-{number:02d}.png" for number in range(len(CHANGES))}
    assert f"of {16 + len(CHANGES)} (95 % interval" in leak.meaning
    assert "without those that are among them, " in leak.meaning
    assert " of 16 (95 % interval" in leak.meaning


def test_different_pictures_are_no_leak(found):
    assert found(leaks=False) == []
