"""Labels of a run are scored by the backbone that has not seen them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.training.tiny import tiny_backbone
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.core.events import ignore
from tlstudio.training.state import TrainingState
from tlstudio.training.trials import label_noise
from tlstudio.training.trials.label_noise import score_run_labels

MakeState = Callable[..., TrainingState]


def test_a_wrong_label_is_named_with_the_class_that_fits(make_state: MakeState):
    state = make_state()
    first, *others = state.train
    right = state.recipe.classes[first.label]
    state.train = (replace(first, label=(first.label + 1) % 3), *others)
    scored = score_run_labels(state, tiny_backbone(), emit=ignore, control=Control())
    assert scored is not None
    assert len(scored.labels) == len(state.train) + len(state.validation)
    assert scored.labels[0].path == first.path
    assert scored.labels[0].suggestion == right
    assert scored.labels[0].label == state.recipe.classes[(first.label + 1) % 3]


def test_of_too_many_images_none_is_scored(make_state: MakeState, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(label_noise, "MOST_IMAGES", 5)
    assert score_run_labels(make_state(), tiny_backbone(), emit=ignore, control=Control()) is None


def test_it_can_be_cancelled(make_state: MakeState):
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        score_run_labels(make_state(), tiny_backbone(), emit=ignore, control=control)
