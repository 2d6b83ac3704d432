"""The classifier that a training begins with."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.training.tiny import tiny_backbone
from tlstudio.core.control import Control
from tlstudio.core.events import ignore
from tlstudio.models.classifier import Classifier
from tlstudio.specs.recipe import build_recipe
from tlstudio.training.run import assembly
from tlstudio.training.run.assembly import assemble


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(assembly, "load_backbone", tiny_backbone)

    def make(**values: Any) -> Classifier:
        recipe = build_recipe({"classes": ["a", "b", "c"], **values})
        return assemble(recipe, run_id="r", emit=ignore, control=Control())

    return make


def test_the_new_head_depends_on_the_seed_alone(made):
    torch.manual_seed(5)
    first = made(seed=1).head.linear.weight
    torch.manual_seed(6)
    assert torch.equal(made(seed=1).head.linear.weight, first)
    assert not torch.equal(made(seed=2).head.linear.weight, first)
    assert first.shape == (3, 24)


def test_the_classifier_has_the_classes_and_how_images_are_fitted(made):
    classifier = made(fit="pad")
    assert classifier.classes == ("a", "b", "c")
    assert classifier.preprocessing.fit == "pad"
