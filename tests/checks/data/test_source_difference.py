"""Images of which the backbone's own head knows little are called unlike; photos that it knows are not."""

from __future__ import annotations

import numpy as np
import pytest

from tests.checks.made import dataset, examine, images
from tlstudio.checks.data_facts import DataFacts
from tlstudio.checks.evidence import Evidence
from tlstudio.checks.pixels import ImageFeatures
from tlstudio.core.finding import Finding
from tlstudio.models.catalogue import backbone_info
from tlstudio.models.source_head import source_head
from tlstudio.specs.recipe import Recipe

HEAD = source_head(backbone_info("efficientnet_lite0"))


def found(*, seed: int, known: float, kinds: int = 30, per_class: int = 30, size: int = 1280) -> Finding:
    """The finding about images that show kinds of things of the backbone, as strongly as `known`."""
    assert HEAD is not None
    made = images(a=per_class, b=per_class)
    rng = np.random.default_rng(seed)
    shown = HEAD[0][rng.choice(1000, kinds, replace=False)][rng.integers(0, kinds, len(made))]
    values = 0.1 * np.abs(rng.normal(size=(len(made), 1280))) + known * np.maximum(shown, 0)
    evidence = Evidence(dataset=dataset(*made), data_facts=DataFacts(recipe=Recipe()))
    features = ImageFeatures(
        paths=tuple(image.path for image in made), values=values[:, :size].astype(np.float32)
    )
    evidence.features = lambda *, control: features  # type: ignore[method-assign]
    (finding,) = examine("source-difference", evidence)
    return finding


@pytest.mark.parametrize("seed", range(3))
def test_images_that_show_nothing_it_knows_are_unlike(seed):
    note = found(seed=seed, known=0)
    assert note.severity == "note"
    assert note.numbers["kinds"] > 50
    assert f"about {note.numbers['kinds']} of 1000 kinds" in note.message


@pytest.mark.parametrize("kinds", [2, 30])
@pytest.mark.parametrize("seed", range(3))
def test_images_of_things_that_it_knows_are_not(seed, kinds):
    ok = found(seed=seed, known=8, kinds=kinds)
    assert ok.severity == "ok"
    assert ok.message.startswith("There is no sign that these images are unlike")


def test_without_a_head_for_these_features_only_the_card_speaks():
    ok = found(seed=0, known=0, size=64)
    assert ok.severity == "ok"
    assert "cannot be measured" in ok.message
    assert "ImageNet" in ok.message


def test_few_images_are_not_asked_about():
    assert found(seed=0, known=0, per_class=10).severity == "ok"
