"""An image that lies far from all others is named; ordinary sets are left alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.checks.made import dataset, examine, images
from tlstudio.checks.data_facts import DataFacts
from tlstudio.checks.evidence import Evidence
from tlstudio.checks.pixels import ImageFeatures
from tlstudio.core.finding import Finding
from tlstudio.specs.recipe import Recipe


def found(*odd: int, per_class: int = 60, seed: int = 0, copies: int = 0) -> Finding:
    """The finding about two classes of images, of which some show other things, and the first has copies."""
    made = images(ant=per_class, bee=per_class)
    made[0] = replace(made[0], near="x")
    made += [replace(made[0], path=f"ant/copy-{number}.jpg", sha256=str(number)) for number in range(copies)]
    rng = np.random.default_rng(seed)
    number = len(made)
    kinds = np.abs(rng.normal(size=(2, 200)))
    values = np.repeat(kinds, per_class, axis=0)
    values = np.concatenate([values, np.repeat(values[:1], copies, axis=0)])
    values += 0.3 * np.abs(rng.normal(size=(number, 200)))
    values[2 * per_class :] = values[0] + 0.001 * rng.normal(size=(copies, 200))
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


@pytest.mark.parametrize("seed", range(3))
def test_many_copies_of_one_image_do_not_make_the_others_unusual(seed):
    assert found(seed=seed, copies=200).severity == "ok"
    assert set(found(7, 80, seed=seed, copies=200).paths) == {"ant/7.jpg", "bee/20.jpg"}


def test_copies_of_few_images_are_few_images():
    assert found(per_class=10, copies=100).severity == "note"


def test_few_images_have_no_usual():
    assert found(per_class=10).severity == "note"
