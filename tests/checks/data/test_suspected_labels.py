"""Labels that contradict all others are named; labels that fit are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.checks.made import dataset, examine, images
from tlstudio.checks.data_facts import DataFacts
from tlstudio.checks.evidence import Evidence
from tlstudio.checks.pixels import ImageFeatures
from tlstudio.core.dataset import labels_of
from tlstudio.core.finding import Finding
from tlstudio.specs.recipe import Recipe
from tlstudio.training.trials import label_noise


def found(*flipped: int, per_class: int = 30, seed: int = 0, spread: float = 0.4) -> Finding:
    """The finding about two classes that features part well, with some labels of the first one changed."""
    made = images(ant=per_class, bee=per_class)
    rng = np.random.default_rng(seed)
    centres = np.repeat([[1.0] + 7 * [0], 7 * [0] + [1.0]], per_class, axis=0)
    values = (centres + spread * rng.normal(size=(2 * per_class, 8))).astype(np.float32)
    for number in flipped:
        made[number] = replace(made[number], labels=labels_of("bee"))
    data = dataset(*made)
    evidence = Evidence(dataset=data, data_facts=DataFacts(recipe=Recipe()))
    features = ImageFeatures(paths=tuple(image.path for image in made), values=values)
    evidence.features = lambda *, control: features  # type: ignore[method-assign]
    (finding,) = examine("suspected-labels", evidence)
    return finding


@pytest.mark.parametrize("seed", range(3))
def test_flipped_labels_are_named_with_the_class_that_fits(seed):
    flipped = (3, 11, 20, 33, 41, 50)
    warning = found(*flipped, per_class=60, seed=seed, spread=0.2)
    assert warning.severity == "warning"
    assert set(warning.paths) == {f"ant/{number}.jpg" for number in flipped}
    assert warning.action is not None
    assert (warning.action.kind, warning.action.suggested) == ("leave-out", ("ant",) * 6)


@pytest.mark.parametrize("seed", range(5))
def test_right_labels_stay_unsuspected_even_where_classes_overlap(seed):
    assert found(seed=seed).severity == "ok"


def test_too_few_or_too_many_images_are_said(monkeypatch):
    assert found(per_class=2).severity == "note"
    monkeypatch.setattr(label_noise, "MOST_IMAGES", 10)
    assert "more than 10 images" in found().message


def test_one_class_is_nothing_to_compare():
    evidence = Evidence(dataset=dataset(*images(ant=5)), data_facts=DataFacts(recipe=Recipe()))
    (note,) = examine("suspected-labels", evidence)
    assert note.severity == "note"
