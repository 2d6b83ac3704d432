"""An image that lies far from all others is named; ordinary sets are left alone."""

from __future__ import annotations

import numpy as np
import pytest

from tests.checks.made import dataset, examine, images
from tlstudio.checks.data_facts import DataFacts
from tlstudio.checks.evidence import Evidence
from tlstudio.checks.pixels import ImageFeatures
from tlstudio.core.finding import Finding
from tlstudio.specs.recipe import Recipe


def found(*odd: int, per_class: int = 60, seed: int = 0) -> Finding:
    """The finding about two classes of images, of which some show other things."""
    made = images(ant=per_class, bee=per_class)
    rng = np.random.default_rng(seed)
    number = len(made)
    kinds = np.abs(rng.normal(size=(2, 200)))
    values = np.repeat(kinds, per_class, axis=0) + 0.3 * np.abs(rng.normal(size=(number, 200)))
    for row in odd:
        values[row] = 2 * np.abs(rng.normal(size=200))
    evidence = Evidence(dataset=dataset(*made), data_facts=DataFacts(recipe=Recipe()))
    features = ImageFeatures(paths=tuple(image.path for image in made), values=values.astype(np.float32))
    evidence.features = lambda *, control: features  # type: ignore[method-assign]
    (finding,) = examine("outliers", evidence)
    return finding


@pytest.mark.parametrize("seed", range(3))
def test_images_of_something_else_are_named_and_can_be_left_out(seed):
    warning = found(7, 80, seed=seed)
    assert warning.severity == "warning"
    assert set(warning.paths) == {"ant/7.jpg", "bee/20.jpg"}
    assert warning.action is not None
    assert warning.action.paths == warning.paths


@pytest.mark.parametrize("seed", range(5))
def test_ordinary_images_are_left_alone(seed):
    assert found(seed=seed).severity == "ok"


def test_few_images_have_no_usual():
    assert found(per_class=10).severity == "note"
