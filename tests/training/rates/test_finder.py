"""Finding a rate with the settings of a recipe, as a training with it would begin."""

from __future__ import annotations

import pytest

from tests.training.tiny import RECIPES, tiny_backbone
from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.events import ignore
from tlstudio.data.scan import scan_folder
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import build_recipe
from tlstudio.training.phases.fine_tune import FineTune
from tlstudio.training.rates.finder import FoundRate, find_rate
from tlstudio.training.run import assembly


@pytest.fixture
def find(photos, tmp_path, monkeypatch):
    monkeypatch.setattr(assembly, "load_backbone", tiny_backbone)
    root = photos()

    def run(**recipe) -> FoundRate:
        made = build_recipe({"device": "cpu", "threads": 1, **recipe})
        run = RunFolder(tmp_path / "run-1")
        found = find_rate(scan_folder(root), run, made, emit=ignore, control=Control())
        assert not run.path.exists(), "nothing is written"
        return found

    return run


def test_training_images_alone_take_part(find, monkeypatch):
    seen = []
    sweep = FineTune.sweep_rates

    def look(self, state, **rest):
        seen.append((state.train, state.validation, state.extracted.validation.images))
        return sweep(self, state, **rest)

    monkeypatch.setattr(FineTune, "sweep_rates", look)
    found = find(**RECIPES["fine"])
    ((train, validation, extracted),) = seen
    assert found.images == len(train) < 24
    assert (validation, extracted) == ((), ())
    assert find(**RECIPES["fine"]) == found, "the same recipe finds the same"


@pytest.mark.parametrize("name", ["fine-everything", "fine-views"])
def test_every_way_to_fine_tune_has_a_curve(find, name):
    found = find(**RECIPES[name])
    assert len(found.sweep.losses) == len(found.judgement.smoothed) > 3


@pytest.mark.parametrize(
    "recipe",
    [
        RECIPES["probe"],
        RECIPES["fine-head"],
        {**RECIPES["fine"], "freeze": "auto"},
        {"strategy": "pretrain", "freeze": "top", "inputs": {"unlabelled": "more"}},
    ],
)
def test_where_nothing_is_fine_tuned_from_labels_alone_it_is_refused(find, recipe):
    with pytest.raises(UserError, match="A rate can be looked for where"):
        find(**recipe)
