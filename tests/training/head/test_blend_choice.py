"""How much of its start a fine-tuned classifier keeps."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from tests.training.head.test_probe import blobs
from tests.training.head.test_refitting import CLASSES, images
from tests.training.tiny import PREPROCESSING, tiny_backbone
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.features.table import Features
from tlstudio.models.classifier import Classifier
from tlstudio.models.heads import build_head
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import HeadSettings, Recipe
from tlstudio.training.head import blend_choice, refitting
from tlstudio.training.head.blend_choice import CLEARLY, SHARES, USUAL, _is_clearly_lower, choose_share
from tlstudio.training.head.probe import L2_GRID
from tlstudio.training.state import Extracted, TrainingState

CLEAN, NOISY = 0.5, 6.0


class Blended:
    """A run whose features separate the classes well at some weights of its stage, and badly at others.

    Args:
        clean: Weights, from 0 at the start to 1 as trained, with which they do.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, *, clean: set[float]) -> None:
        self.stage = nn.Parameter(torch.tensor(0.0))
        sides = {"t": (90, 1), "v": (60, 2)}
        made = {
            (name, weight): blobs(
                number, size=24, classes_count=3, noise=CLEAN if weight in clean else NOISY, seed=seed
            )
            for name, (number, seed) in sides.items()
            for weight in (0.0, 0.5, 1.0)
        }

        def features(model: object, side: str, **rest: object) -> Features:
            return Features.of(made[side, round(self.stage.item(), 3)][0])

        for module in (refitting, blend_choice):
            monkeypatch.setattr(module, "pooled_features", features)
        head = build_head(HeadSettings(), feature_size=24, classes_count=3)
        self.state = TrainingState(
            run=RunFolder(folder / "run-1"),
            recipe=Recipe(classes=CLASSES),
            classifier=Classifier(
                backbone=tiny_backbone(), head=head, classes=CLASSES, preprocessing=PREPROCESSING
            ),
            train=images(made["t", 0.0][1], name="t"),
            validation=images(made["v", 0.0][1], name="v"),
            device="cpu",
            threads=1,
            head_l2=L2_GRID[2],
        )
        self.state.extracted = Extracted(model=None, train="t", validation="v")  # type: ignore[arg-type]
        self.parameters = {"stage": self.stage, **dict(head.named_parameters())}
        refitting.refit_head(self.state, control=Control())  # the head of the start
        self.start = {name: value.detach().clone() for name, value in self.parameters.items()}
        with torch.no_grad():
            self.stage.fill_(1.0)
        refitting.refit_head(self.state, control=Control())  # trained along with the stage


@pytest.mark.parametrize(("clean", "share"), [({1.0}, 0.0), ({0.5}, 0.5), ({0.0}, 1.0)])
def test_the_weights_that_suit_the_validation_images_are_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clean: set[float], share: float
):
    run = Blended(tmp_path, monkeypatch, clean=clean)
    trained = {name: value.detach().clone() for name, value in run.parameters.items()}
    choice = choose_share(run.state, run.parameters, run.start, control=Control())
    assert choice.share == share
    assert tuple(choice.losses) == SHARES
    assert choice.losses[share] == min(choice.losses.values())
    assert choice.n == 60
    assert all(torch.equal(run.parameters[name], value) for name, value in trained.items())


def test_half_of_each_is_kept_where_no_end_is_clearly_better(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    run = Blended(tmp_path, monkeypatch, clean={0.0, 0.5, 1.0})
    assert choose_share(run.state, run.parameters, run.start, control=Control()).share == USUAL


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(0, 10), min_size=0, max_size=60), st.integers(0, 2**16))
def test_losses_that_differ_by_chance_alone_are_rarely_clearly_lower(losses, seed):
    usual = torch.tensor(losses, dtype=torch.float64)
    assert not _is_clearly_lower(usual, usual)
    shuffled = usual[torch.randperm(len(usual), generator=torch.Generator().manual_seed(seed))]
    assert not _is_clearly_lower(shuffled, usual)  # their means are the same
    if len(losses) > 1:
        assert _is_clearly_lower(usual - 1, usual)


@pytest.mark.parametrize("n", [2, 5, 40])
def test_chance_looks_clear_equally_often_with_few_images(n: int):
    generator = torch.Generator().manual_seed(n)
    draws = 4000
    found = sum(_is_clearly_lower(torch.randn(n, generator=generator), torch.zeros(n)) for _ in range(draws))
    assert found / draws == pytest.approx(1 - CLEARLY, abs=0.025)  # four standard errors


def test_it_can_be_cancelled_and_then_leaves_the_trained_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    run, control = Blended(tmp_path, monkeypatch, clean={0.0}), Control()
    trained = {name: value.detach().clone() for name, value in run.parameters.items()}
    control.cancel()
    with pytest.raises(Cancelled):
        choose_share(run.state, run.parameters, run.start, control=control)
    assert all(torch.equal(run.parameters[name], value) for name, value in trained.items())
