"""Labels that contradict all others are named; labels that fit are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.checks.made import dataset, examine, images
from tlstudio.checks.data import suspected_labels
from tlstudio.checks.data_facts import DataFacts
from tlstudio.checks.evidence import Evidence
from tlstudio.checks.pixels import ImageFeatures
from tlstudio.core.dataset import labels_of
from tlstudio.core.finding import Finding
from tlstudio.specs.recipe import Recipe

NAMES = ("ant", "bee", "cat", "dog")


def found(
    *, flips: int = 0, per_class: int = 100, seed: int = 0, called_right: tuple[str, ...] = ()
) -> tuple[Finding, dict[str, str]]:
    """The finding about four classes around four centres, and the true labels of those that were flipped."""
    made = images(**dict.fromkeys(NAMES, per_class))
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(4, 24))
    centres *= 6 / np.linalg.norm(centres, axis=1, keepdims=True)
    values = np.repeat(centres, per_class, axis=0) + rng.normal(size=(len(made), 24))
    truth = {}
    for number in rng.permutation(len(made))[:flips]:
        right = made[number].labels["label"]
        truth[made[number].path] = right
        wrong = NAMES[(NAMES.index(right) + rng.integers(1, 4)) % 4]
        made[number] = replace(made[number], labels=labels_of(wrong))
    made = [replace(image, called_right=image.path in called_right) for image in made]
    evidence = Evidence(dataset=dataset(*made), data_facts=DataFacts(recipe=Recipe()))
    features = ImageFeatures(paths=tuple(image.path for image in made), values=values.astype(np.float32))
    evidence.features = lambda *, control: features  # type: ignore[method-assign]
    (finding,) = examine("suspected-labels", evidence)
    return finding, truth


@pytest.mark.parametrize("seed", range(3))
def test_flipped_labels_are_named_with_the_class_that_fits(seed):
    warning, truth = found(flips=16, seed=seed)
    assert warning.severity == "warning"
    assert len(set(warning.paths) & set(truth)) >= 12
    assert len(set(warning.paths) - set(truth)) <= 1
    action = warning.action
    assert action is not None
    assert (action.kind, action.paths) == ("leave-out", warning.paths)
    suggested = dict(zip(action.paths, action.suggested, strict=True))
    assert sum(suggested.get(path) == label for path, label in truth.items()) >= 12


def test_labels_that_a_person_called_right_are_not_named_again():
    first, _ = found(flips=16)
    called = first.paths[:3]
    rest, _ = found(flips=16, called_right=called)
    assert rest.paths == first.paths[3:]
    assert rest.action is not None
    assert rest.action.paths == rest.paths
    assert rest.meaning.endswith("3 labels that you called right are not named.")
    none, _ = found(flips=16, called_right=first.paths)
    assert (none.severity, none.action) == ("ok", None)


@pytest.mark.parametrize("seed", range(5))
def test_right_labels_stay_unsuspected(seed):
    assert found(seed=seed)[0].severity == "ok"


def test_too_few_or_too_many_images_are_said(monkeypatch):
    assert found(per_class=2)[0].severity == "note"
    monkeypatch.setattr(suspected_labels, "MOST_IMAGES", 10)
    assert "more than 10 images" in found()[0].message


def test_one_class_is_nothing_to_compare():
    evidence = Evidence(dataset=dataset(*images(ant=5)), data_facts=DataFacts(recipe=Recipe()))
    (note,) = examine("suspected-labels", evidence)
    assert note.severity == "note"
