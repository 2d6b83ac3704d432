"""What learning without labels gave is judged by labelled images that had no part in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from tlstudio.core.control import Control
from tlstudio.core.events import ignore
from tlstudio.training.loop.checkpoint import Tensors, copy_of
from tlstudio.training.phases.extract_features import ExtractFeatures
from tlstudio.training.state import TrainingState
from tlstudio.training.trials.unlabelled_trial import try_unlabelled


@pytest.fixture
def state(make_state: Callable[[], TrainingState]) -> TrainingState:
    state = make_state()
    ExtractFeatures(first_trainable="top").run(state, emit=ignore, control=Control())
    return state


@torch.no_grad()
def blinded(state: TrainingState) -> Tensors:
    """The parameters with a last stage that sees nothing."""
    values = copy_of(state.extracted.model.trainable_parameters())
    return {name: value if "head" in name else torch.zeros_like(value) for name, value in values.items()}


def test_what_sees_more_is_kept(state: TrainingState):
    seeing, blind = copy_of(state.extracted.model.trainable_parameters()), blinded(state)
    found = try_unlabelled(state, blind, images=70, control=Control())
    assert found is not None
    assert not found.start_returned
    assert found.n == len(state.train) + len(state.validation) == 24
    assert found.reason.startswith("First learning from 70 images without a label helped: a head is then ")
    now = copy_of(state.extracted.model.trainable_parameters())
    assert all(torch.equal(now[name], seeing[name]) for name in now), "the classifier is as before"


def test_stop_ends_it(state: TrainingState):
    control = Control()
    control.stop()
    start = copy_of(state.extracted.model.trainable_parameters())
    assert try_unlabelled(state, start, images=50, control=control) is None
