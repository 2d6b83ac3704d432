"""The range test: the steps of a training at rising rates."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from tests.training.tiny import tiny_backbone
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.core.events import Event, StageProgress, ignore
from tlstudio.features.images import RunImage
from tlstudio.features.views import PLAIN, View
from tlstudio.models.classifier import Classifier
from tlstudio.models.heads import build_head
from tlstudio.specs.recipe import HeadSettings, OptimiserSettings
from tlstudio.training.loop.fit import FitPlan
from tlstudio.training.loop.rate_sweep import (
    FEWEST_STEPS,
    HIGHEST_RATE,
    LOWEST_RATE,
    MOST_STEPS,
    RateSweep,
    steps_of,
    sweep_rates,
)
from tlstudio.training.loop.trainable_model import TrainableModel, TrainingImages

LABELS = [number % 3 for number in range(20)]
IMAGES = tuple(
    RunImage(path=str(n), file=Path(), sha256=str(n), label=label) for n, label in enumerate(LABELS)
)


class Source:
    """Activations below the top stage, whose channels tell the classes apart."""

    images = IMAGES
    views: tuple[View, ...] = (PLAIN,)

    def __init__(self) -> None:
        drawn = torch.rand(20, 16, 4, 4, generator=torch.Generator().manual_seed(0))
        for row, label in enumerate(LABELS):
            drawn[row, label] += 1
        self.activations = drawn
        self.epochs: list[int] = []

    def read(self, indices, view_indices=None) -> torch.Tensor:
        return self.activations[list(indices)]

    def views_in_epoch(self, epoch: int) -> int:
        return 1

    def start_epoch(self, epoch: int) -> None:
        self.epochs.append(epoch)


def sweep(
    *, source: Source | None = None, emit=ignore, control: Control | None = None, **optimiser: float
) -> RateSweep:
    torch.manual_seed(1)
    head = build_head(HeadSettings(), feature_size=24, classes_count=3)
    classifier = Classifier(backbone=tiny_backbone(), head=head, classes=("a", "b", "c"))
    return sweep_rates(
        TrainableModel(classifier, first_trainable="top"),
        train=TrainingImages(source or Source(), seed=3),
        plan=FitPlan(optimiser=OptimiserSettings(batch_size=8, **optimiser), epochs=15, patience=0, seed=3),
        run_id="r",
        emit=emit,
        control=control or Control(),
    )


@pytest.fixture(scope="module")
def found() -> RateSweep:
    return sweep()


def test_rates_rise_by_a_factor_until_the_loss_shoots_up(found):
    assert found.rates[0] == LOWEST_RATE
    ratios = [high / low for low, high in zip(found.rates, found.rates[1:], strict=False)]
    assert ratios == pytest.approx([(HIGHEST_RATE / LOWEST_RATE) ** (1 / (FEWEST_STEPS - 1))] * len(ratios))
    assert len(found.rates) == len(found.losses) == len(found.counts) <= FEWEST_STEPS
    assert set(found.counts) == {8, 4}, "the last batch of an epoch is smaller"


def test_the_loss_begins_at_the_start_and_falls_where_a_rate_is_of_use(found):
    assert found.losses[0] == pytest.approx(found.start_loss, abs=1e-3)
    assert min(found.losses) < 0.9 * found.start_loss


def test_it_is_the_same_each_time_and_depends_on_the_ratio_of_the_rates_alone(found):
    assert sweep() == found
    other = sweep(learning_rate_stages=3e-5, learning_rate_head=3e-4)
    assert other.losses == pytest.approx(found.losses, rel=1e-3)


def test_every_epoch_of_views_is_made_ready_once_and_in_order():
    source = Source()
    sweep(source=source)
    batches = math.ceil(len(IMAGES) / 8)
    assert source.epochs == list(range(1, math.ceil((FEWEST_STEPS + 1) / batches) + 1))


def test_it_tells_how_far_it_is():
    events: list[Event] = []
    sweep(emit=events.append)
    done = [event.done for event in events if isinstance(event, StageProgress)]
    assert done == sorted(done)
    assert done[-1] == 2 * (FEWEST_STEPS + 1)


def test_it_can_be_cancelled():
    control = Control()

    def emit(event: Event) -> None:
        if isinstance(event, StageProgress) and event.done == FEWEST_STEPS + 5:
            control.cancel()

    with pytest.raises(Cancelled):
        sweep(emit=emit, control=control)


def test_an_unstable_training_ends_it():
    found = sweep(learning_rate_stages=1e-6, learning_rate_head=1.0)  # the head starts at a rate of 10
    assert len(found.rates) < FEWEST_STEPS
    assert all(math.isfinite(loss) for loss in found.losses)


def test_it_lasts_three_epochs_but_neither_very_short_nor_very_long():
    assert [steps_of(batches) for batches in (1, 20, 500)] == [FEWEST_STEPS, 60, MOST_STEPS]
