"""Copies across the split."""

from __future__ import annotations

from dataclasses import replace

from tests.checks.made import dataset, examine, image
from tlstudio.checks.evidence import Evidence
from tlstudio.core.types import Split

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
