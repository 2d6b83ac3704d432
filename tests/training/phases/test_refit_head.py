"""The phase that fits the head anew: what it says, and what it costs."""

from __future__ import annotations

from unittest.mock import Mock

import pytest
import torch

from tlstudio.core.control import Control
from tlstudio.core.events import Event, StageStarted, WarningRaised
from tlstudio.evaluation.metrics import Score
from tlstudio.training.head.refitting import Refit
from tlstudio.training.phases import refit_head as module
from tlstudio.training.phases.refit_head import RefitHead


@pytest.mark.parametrize("is_kept", [True, False])
def test_which_head_is_kept_is_said_with_its_figures(is_kept: bool, monkeypatch: pytest.MonkeyPatch):
    refit = Refit(
        trained=Score(n=9, accuracy=0.8, log_loss=0.44),
        anew=Score(n=9, accuracy=0.7, log_loss=0.42 if is_kept else 0.52),
        is_kept=is_kept,
        train_accuracy=0.9,
        losses=torch.zeros(9),
    )
    monkeypatch.setattr(module, "refit_head", lambda state, control: refit)
    events: list[Event] = []
    result = RefitHead().run(Mock(run_id="run-1", start_is_kept=False), emit=events.append, control=Control())
    assert (result.train_accuracy, result.progress) == (0.9, None)
    assert isinstance(events[0], StageStarted)
    assert events[0].title == "Fitting the head anew"
    notes = [event for event in events if isinstance(event, WarningRaised)]
    assert [(note.code, note.severity) for note in notes] == [
        ("head-anew" if is_kept else "head-kept", "note")
    ]
    message = notes[0].message
    if is_kept:
        assert (
            "its probabilities are nearer to the truth on the check images (log loss 0.42 against 0.44"
            in message
        )
        assert "70.0 % of them right, where the head before had 80.0 %" in message
    else:
        assert "log loss 0.52 against 0.44" in message


def test_without_check_images_nothing_is_compared(monkeypatch: pytest.MonkeyPatch):
    refit = Refit(trained=Score(), anew=Score(), is_kept=True, train_accuracy=0.9, losses=torch.zeros(0))
    monkeypatch.setattr(module, "refit_head", lambda state, control: refit)
    events: list[Event] = []
    RefitHead().run(Mock(run_id="run-1", start_is_kept=False), emit=events.append, control=Control())
    assert isinstance(events[-1], WarningRaised)
    assert events[-1].message.startswith("After the training the head was fitted anew. The curves")


def test_the_head_of_a_start_that_is_kept_stays(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "refit_head", Mock(side_effect=AssertionError))
    result = RefitHead().run(
        Mock(start_is_kept=True), emit=Mock(side_effect=AssertionError), control=Control()
    )
    assert result.train_accuracy is None


def test_it_costs_a_look_by_the_stages_and_one_solution():
    probe = Mock(**{"pooling_seconds.return_value": 2.0, "head_solving_seconds.return_value": 0.5})
    cost = RefitHead().cost(probe)
    assert (cost.training_seconds, cost.seconds_per_epoch) == (2.5, None)
