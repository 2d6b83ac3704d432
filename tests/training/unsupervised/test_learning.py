"""Learning from images without labels: what changes, what does not, and what a kill costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.core.events import CheckpointSaved, Emit, Event, StageProgress, ignore
from tlstudio.features.views import PLAIN, View
from tlstudio.training.loop.checkpoint import copy_of, restore_parameters
from tlstudio.training.phases.extract_features import ExtractFeatures
from tlstudio.training.state import TrainingState
from tlstudio.training.unsupervised import learning as module
from tlstudio.training.unsupervised.learning import Learning, learn_from_views, steps_per_epoch

Learn = Callable[..., Learning]
Weights = dict[str, torch.Tensor]


@pytest.fixture
def state(make_state: Callable[[], TrainingState]) -> TrainingState:
    state = make_state()
    state.inputs = {"unlabelled": state.train}
    views = (PLAIN, View(flip_horizontal=True), View(flip_vertical=True))
    ExtractFeatures(first_trainable="top", input_views=views).run(state, emit=ignore, control=Control())
    return state


def weights(state: TrainingState) -> Weights:
    return {name: value.clone() for name, value in state.classifier.state_dict().items()}


def differing(one: Weights, two: Weights) -> set[str]:
    return {name for name in one if not torch.equal(one[name], two[name])}


def learn(
    state: TrainingState,
    *,
    passes: int = 4,
    checkpoint: Path | None = None,
    emit: Emit = ignore,
    control: Control | None = None,
) -> Learning:
    plan = replace(state.fit_plan(), epochs=passes, checkpoint=checkpoint, checkpoint_seconds=0.0, phase=2)
    return learn_from_views(
        state.extracted.model,
        state.extracted.inputs["unlabelled"],
        plan=plan,
        device="cpu",
        run_id="r",
        emit=emit,
        control=control or Control(),
    )


def test_only_trainable_stages_change_and_no_label_plays_a_part(state: TrainingState):
    start, events = weights(state), []
    parameters = state.extracted.model.trainable_parameters()
    first = copy_of(parameters)
    assert learn(state, emit=events.append) == Learning(is_complete=True, earlier_seconds=0.0)
    after = weights(state)
    changed = differing(start, after)
    assert changed
    assert all(name.startswith("backbone.stages.top.") for name in changed)
    assert all(after[name].isfinite().all() for name in changed)
    assert [event.done for event in events if isinstance(event, StageProgress)] == [1, 2, 3, 4]
    restore_parameters(parameters, first)
    given = state.extracted.inputs["unlabelled"]
    without = tuple(replace(image, label=-1) for image in given.images)
    state.extracted = replace(state.extracted, inputs={"unlabelled": replace(given, images=without)})
    learn(state)
    assert not differing(after, weights(state))


@pytest.mark.parametrize("epoch", [1, 2])
def test_a_kill_after_any_epoch_changes_nothing(state: TrainingState, tmp_path: Path, epoch: int):
    class Killed(BaseException):
        pass

    def kill(event: Event) -> None:
        if isinstance(event, CheckpointSaved) and event.epoch == epoch:
            raise Killed

    parameters = state.extracted.model.trainable_parameters()
    start = copy_of(parameters)
    learn(state)
    whole = weights(state)
    restore_parameters(parameters, start)
    checkpoint = tmp_path / "last.safetensors"
    with pytest.raises(Killed):
        learn(state, checkpoint=checkpoint, emit=kill)
    assert differing(whole, weights(state))
    restore_parameters(parameters, start)
    assert learn(state, checkpoint=checkpoint).earlier_seconds > 0
    assert not differing(whole, weights(state))
    learn(state, checkpoint=checkpoint)  # all epochs are done
    assert not differing(whole, weights(state))


def test_stop_cancel_and_numbers_that_are_none_end_it(state: TrainingState, monkeypatch: pytest.MonkeyPatch):
    control = Control()
    control.stop()
    assert not learn(state, control=control).is_complete
    control.cancel()
    with pytest.raises(Cancelled):
        learn(state, control=control)
    before = weights(state)
    monkeypatch.setattr(
        module, "build_siamese", lambda size, seed: torch.nn.Linear(size, 1).requires_grad_(False)
    )
    monkeypatch.setattr(torch.nn.Linear, "forward", lambda self, x: (x * float("nan")).sum())
    assert not learn(state).is_complete
    assert not differing(before, weights(state)), "a step that is no number is not taken"


@pytest.mark.parametrize(("images", "steps"), [(1, 1), (47, 1), (50, 2), (320, 10)])
def test_batches_are_of_nearly_the_same_size(images: int, steps: int):
    assert steps_per_epoch(images) == steps
