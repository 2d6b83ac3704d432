"""What pretraining gives, measured against the same backbone with random weights."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from tests.training.tiny import tiny_backbone
from tests.training.trials.shifting import ShiftBackbone
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.core.events import ignore
from tlstudio.evaluation.comparisons import PretrainingComparison
from tlstudio.training.state import TrainingState
from tlstudio.training.trials import pretraining_gain
from tlstudio.training.trials.pretraining_gain import measure_pretraining

MakeState = Callable[..., TrainingState]


def measure(state: TrainingState, *, control: Control | None = None) -> PretrainingComparison:
    """Compare two backbones that differ in nothing but their random weights."""
    return measure_pretraining(
        state, tiny_backbone(), tiny_backbone(seed=1), emit=ignore, control=control or Control()
    )


def test_a_backbone_that_sees_nothing_shows_what_the_other_gives(make_state: MakeState):
    state, blind = make_state(), tiny_backbone(seed=1)
    with torch.no_grad():
        for parameter in blind.parameters():
            parameter.zero_()
    found = measure_pretraining(state, tiny_backbone(), blind, emit=ignore, control=Control())
    assert found.n == len(state.train) + len(state.validation)
    # Held-out images of a class are fewer among those that teach, so blind guesses are right a little less.
    assert found.random_accuracy == pytest.approx(found.majority_accuracy, abs=0.15)
    assert found.accuracy > found.random_accuracy + 0.3
    assert found.interval[0] > 0


def test_pretraining_that_harms_is_measured_as_harm(make_state: MakeState):
    state = make_state()
    ShiftBackbone().run(state, emit=ignore, control=Control())
    changed = state.classifier.backbone
    found = measure_pretraining(state, changed, tiny_backbone(), emit=ignore, control=Control())
    assert found.difference < 0


@pytest.fixture
def samples(monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Sizes of the two samples, both smaller than the set."""
    monkeypatch.setattr(pretraining_gain, "FEW_IMAGES", 15)
    monkeypatch.setattr(pretraining_gain, "MOST_IMAGES", 20)
    return 15, 20


def test_where_few_images_show_no_difference_more_are_taken_and_the_same_each_time(
    make_state: MakeState, samples: tuple[int, int]
):
    state = make_state()
    first = measure_pretraining(state, tiny_backbone(), tiny_backbone(), emit=ignore, control=Control())
    assert first.difference == 0
    assert first.n == samples[1] < len(state.train) + len(state.validation)
    assert first == measure_pretraining(
        state, tiny_backbone(), tiny_backbone(), emit=ignore, control=Control()
    )


def test_few_images_are_enough_where_they_show_the_difference(
    make_state: MakeState, samples: tuple[int, int]
):
    state, blind = make_state(), tiny_backbone(seed=1)
    with torch.no_grad():
        for parameter in blind.parameters():
            parameter.zero_()
    found = measure_pretraining(state, tiny_backbone(), blind, emit=ignore, control=Control())
    assert found.n == samples[0]
    assert found.interval[0] > 0
    harm = measure_pretraining(state, blind, tiny_backbone(), emit=ignore, control=Control())
    assert (harm.n, harm.difference) == (samples[0], -found.difference)


def test_it_can_be_cancelled(make_state: MakeState):
    state, control = make_state(), Control()
    control.cancel()
    with pytest.raises(Cancelled):
        measure(state, control=control)
