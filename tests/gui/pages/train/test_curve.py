"""What is gathered from events, live and from disk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.gui.made_runs import epoch_event, make_run
from tlstudio.core.events import (
    BatchEnded,
    JobCancelled,
    JobSucceeded,
    Paused,
    StageProgress,
    StageStarted,
    TrialEnded,
    WarningRaised,
)
from tlstudio.gui.pages.train.curve import CurveState, replay

RUN = "run-1"


def state_after(*events) -> CurveState:
    state = CurveState()
    for event in events:
        state.take(event)
    return state


def batch(epoch: int, step: int) -> BatchEnded:
    return BatchEnded(
        run_id=RUN,
        epoch=epoch,
        epochs=10,
        step=step,
        steps=4,
        train_loss=1.0,
        images_per_second=50.0,
        seconds_left=7.0,
    )


def test_epochs_repeated_after_a_kill_replace_the_lost_ones():
    state = state_after(
        *(epoch_event(n, best=n) for n in range(6)), epoch_event(3, best=2), epoch_event(4, best=2)
    )
    assert [epoch["epoch"] for epoch in state.epochs] == [0, 1, 2, 3, 4]
    assert state.best_epoch == 2
    assert state.best is not None
    assert state.best.epoch == 2
    assert state.epochs_without_gain == 2


def test_only_epochs_change_the_curves():
    state = CurveState()
    assert state.take(epoch_event(1))
    assert not state.take(batch(2, 1))
    assert not state.take(Paused(run_id=RUN))


def test_paused_until_anything_else_happens():
    state = state_after(epoch_event(1), Paused(run_id=RUN))
    assert state.paused
    state.take(batch(2, 1))
    assert not state.paused


def test_a_resumed_run_has_no_end_any_more():
    state = state_after(epoch_event(1), JobCancelled(run_id=RUN))
    assert state.final is not None
    state.take(StageStarted(run_id=RUN, stage="features", title="Looking at the images"))
    assert state.final is None


def test_warnings_once():
    warning = WarningRaised(run_id=RUN, code="few", message="Few images.")
    assert len(state_after(warning, replace(warning, run_id="job-3")).warnings) == 1


@pytest.mark.parametrize(
    ("events", "fraction"),
    [
        ([], None),
        ([StageStarted(run_id=RUN, stage="features", title="Features")], None),
        (
            [
                StageStarted(run_id=RUN, stage="features", title="Features"),
                StageProgress(run_id=RUN, stage="features", done=30, total=120),
            ],
            0.25,
        ),
        ([batch(3, 2)], 0.25),
        ([epoch_event(3, epochs=12)], 0.25),
        ([epoch_event(3), JobSucceeded(run_id=RUN)], 1.0),
    ],
)
def test_how_far(events, fraction):
    assert state_after(*events).fraction == fraction


def test_time_left_is_of_what_runs_now():
    features = StageProgress(run_id=RUN, stage="features", done=1, total=9, seconds_left=3.0)
    assert state_after(epoch_event(1), batch(2, 1)).seconds_left == 7.0
    started = StageStarted(run_id=RUN, stage="features", title="Features")
    assert state_after(batch(2, 1), started, features).seconds_left == 3.0


def test_replay_knows_that_a_run_with_figures_succeeded(tmp_path):
    paths = {name: [f"{name}/{n}.jpg" for n in range(8)] for name in ("a", "b")}
    finished = replay(make_run(tmp_path / "run-1", paths=paths))
    assert finished.finished
    assert isinstance(finished.state.final, JobSucceeded)
    interrupted = replay(make_run(tmp_path / "run-2", paths=paths, done=2, finished=False))
    assert interrupted.state.final is None
    assert interrupted.resumable
    assert interrupted.recipe["classes"] == ["a", "b"]


def trial(freeze: str, accuracy: float, *, best: bool) -> TrialEnded:
    return TrialEnded(
        run_id=RUN,
        freeze=freeze,
        accuracy=accuracy,
        interval=(accuracy - 0.1, accuracy + 0.1),
        n=100,
        elapsed_seconds=3.0,
        best=best,
    )


def test_trials_are_gathered_live_and_replayed_from_disk(tmp_path):
    events = [trial("head", 0.7, best=True), trial("top", 0.72, best=False)]
    state = CurveState()
    assert [state.take(event) for event in events] == [True, True]
    assert [one["freeze"] for one in state.trials] == ["head", "top"]
    run = make_run(tmp_path / RUN, paths={"ants": ["a.jpg"] * 8, "bees": ["b.jpg"] * 8}, epochs=3)
    for event in events:
        run.append_event(event)
    assert [one["freeze"] for one in replay(run).state.trials] == ["head", "top"]
