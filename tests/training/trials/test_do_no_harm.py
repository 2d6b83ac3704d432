"""A strategy that does not help is not returned."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from tests.training.trials.shifting import ShiftBackbone
from tlstudio.core.control import Control
from tlstudio.core.events import Event, WarningRaised, ignore
from tlstudio.evaluation.comparisons import read_comparisons
from tlstudio.training.phases.extract_features import ExtractFeatures
from tlstudio.training.phases.fit_head import FitHead
from tlstudio.training.state import TrainingState
from tlstudio.training.trials.do_no_harm import comparison_of, start_recipe, without_harm

MakeState = Callable[..., TrainingState]
PROBE = (ExtractFeatures(first_trainable=None), FitHead(is_result=True))
HARM = (ShiftBackbone(), *PROBE)


def answers(right: int, labels: torch.Tensor) -> torch.Tensor:
    """Logits that are right for the first images only."""
    predicted = torch.where(torch.arange(len(labels)) < right, labels, 1 - labels)
    return torch.nn.functional.one_hot(predicted, 2).float()


LABELS = torch.tensor([0, 1] * 50)


@pytest.mark.parametrize(
    ("before", "after", "better", "not_worse"),
    [(60, 90, True, True), (60, 61, False, True), (90, 90, False, True), (90, 60, False, False)],
)
def test_what_is_kept_follows_the_difference_and_its_noise(before, after, better, not_worse):
    first, second = answers(before, LABELS), answers(after, LABELS)
    found = comparison_of(first, second, LABELS, must_be="better")
    assert found.start_returned is not better
    assert comparison_of(first, second, LABELS, must_be="not-worse").start_returned is not not_worse
    assert (found.start_accuracy, found.accuracy) == pytest.approx((before / 100, after / 100))
    assert found.interval[0] <= found.difference <= found.interval[1]


def test_a_harmful_strategy_gives_way_to_the_start_and_that_is_said_once(make_state: MakeState):
    state, events = make_state(), list[Event]()
    kept = without_harm(HARM, state, must_be="not-worse", emit=events.append, control=Control())
    assert not any(isinstance(phase, ShiftBackbone) for phase in kept)
    (warning,) = (event for event in events if isinstance(event, WarningRaised))
    assert "the plain head is kept" in warning.message
    found = read_comparisons(state.run).strategy
    assert found is not None
    assert found.start_returned
    assert found.n == len(state.train) + len(state.validation)


def test_a_resumed_run_reads_the_comparison(make_state: MakeState, monkeypatch: pytest.MonkeyPatch):
    state = make_state()
    first = without_harm(HARM, state, must_be="not-worse", emit=ignore, control=Control())
    monkeypatch.setattr("tlstudio.training.trials.do_no_harm.out_of_fold_logits", None)
    again = without_harm(HARM, state, must_be="not-worse", emit=ignore, control=Control())
    assert [type(phase) for phase in again] == [type(phase) for phase in first]


def test_a_stopped_comparison_returns_the_start(make_state: MakeState):
    state, control = make_state(), Control()
    control.stop()
    kept = without_harm(HARM, state, must_be="not-worse", emit=ignore, control=control)
    assert not any(isinstance(phase, ShiftBackbone) for phase in kept)
    assert read_comparisons(state.run).strategy is None


def test_the_start_is_the_head_alone_with_the_settings_of_the_run(make_state: MakeState):
    recipe = make_state().recipe.model_copy(
        update={"strategy": "fine-tune", "freeze": "top", "seed": 7, "inputs": {"x": "y"}}
    )
    start = start_recipe(recipe)
    assert (start.strategy, start.freeze, start.inputs, start.seed) == ("linear-probe", "head", {}, 7)


def test_with_one_image_per_class_nothing_can_be_compared(make_state: MakeState):
    state = make_state()
    state.train = tuple({image.label: image for image in state.train}.values())
    state.validation = ()
    assert without_harm(HARM, state, must_be="better", emit=ignore, control=Control()) == HARM
    assert read_comparisons(state.run).strategy is None
