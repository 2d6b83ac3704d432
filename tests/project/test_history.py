"""What is gathered from the events of a run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.gui.made_runs import epoch_event
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
from tlstudio.project.history import RunHistory

RUN = "run-1"


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


def trial(freeze: str, *, seconds: float = 3.0) -> TrialEnded:
    return TrialEnded(
        run_id=RUN,
        freeze=freeze,
        accuracy=0.7,
        interval=(0.6, 0.8),
        n=100,
        elapsed_seconds=seconds,
        best=freeze == "head",
    )


def test_epochs_repeated_after_a_kill_replace_the_lost_ones() -> None:
    before = [epoch_event(number, best=number) for number in range(6)]
    history = RunHistory([*before, epoch_event(3, best=2), epoch_event(4, best=2)])
    assert [epoch.epoch for epoch in history.epochs] == [0, 1, 2, 3, 4]
    assert history.best_epoch == 2
    assert history.best is not None
    assert history.best.epoch == 2


def test_only_the_newest_and_the_best_epochs_keep_their_matrix() -> None:
    history = RunHistory(epoch_event(number, best=min(number, 1)) for number in range(4))
    assert [bool(epoch.confusion) for epoch in history.epochs] == [True, True, False, True]
    assert history.best is not None
    assert history.best.confusion == epoch_event(1).confusion


def test_where_each_epoch_is_kept_in_turn_the_best_on_validation_is_still_known() -> None:
    right = (12, 20, 16, 18)
    history = RunHistory(
        replace(epoch_event(number), validation_accuracy=count / 24) for number, count in enumerate(right)
    )
    assert (history.best_epoch, history.peak_epoch, history.epochs_without_gain) == (3, 1, 2)
    assert history.peak is not None
    assert history.peak.validation_accuracy == 20 / 24
    assert [bool(epoch.confusion) for epoch in history.epochs] == [True, True, False, True]
    history.add(replace(epoch_event(1), validation_accuracy=10 / 24))  # trained again after a kill
    assert (history.best_epoch, history.peak_epoch) == (1, 0)


def test_a_best_epoch_that_is_not_known_any_more_gives_way_to_the_newest() -> None:
    history = RunHistory([epoch_event(5, best=2)])
    assert history.best is history.latest


def test_epochs_and_trials_change_the_curves_and_nothing_else_does() -> None:
    history = RunHistory()
    assert history.add(epoch_event(1))
    assert history.add(trial("head"))
    assert not history.add(batch(2, 1))
    assert not history.add(Paused(run_id=RUN))


def test_trials_come_in_order_and_those_tried_again_after_a_kill_replace_the_lost_ones() -> None:
    assert [one.freeze for one in RunHistory([trial("head"), trial("top")]).trials] == ["head", "top"]
    resumed = RunHistory([trial("head"), trial("top"), trial("head", seconds=2.0)])
    assert [(one.freeze, one.elapsed_seconds) for one in resumed.trials] == [("head", 2.0)]


def test_a_run_is_paused_until_anything_else_happens() -> None:
    history = RunHistory([epoch_event(1), Paused(run_id=RUN)])
    assert history.paused
    history.add(batch(2, 1))
    assert not history.paused


def test_a_resumed_run_has_no_end_any_more() -> None:
    history = RunHistory([epoch_event(1), JobCancelled(run_id=RUN)])
    assert history.final is not None
    history.add(StageStarted(run_id=RUN, stage="features", title="Looking at the images"))
    assert history.final is None


def test_a_warning_is_kept_once() -> None:
    warning = WarningRaised(run_id=RUN, code="few", message="Few images.")
    assert len(RunHistory([warning, replace(warning, run_id="job-3")]).warnings) == 1


def test_without_validation_the_best_is_not_measured() -> None:
    measured = epoch_event(1)
    assert RunHistory([measured]).has_validation
    assert not RunHistory([replace(measured, validation_loss=None)]).has_validation
    assert not RunHistory().has_validation


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
def test_the_fraction_done(events, fraction) -> None:
    assert RunHistory(events).fraction == fraction


def test_time_left_is_of_what_runs_now() -> None:
    features = StageProgress(run_id=RUN, stage="features", done=1, total=9, seconds_left=3.0)
    assert RunHistory([epoch_event(1), batch(2, 1)]).seconds_left == 7.0
    started = StageStarted(run_id=RUN, stage="features", title="Features")
    assert RunHistory([batch(2, 1), started, features]).seconds_left == 3.0


def test_a_new_phase_begins_a_new_curve_and_the_axis_is_that_of_its_events():
    history = RunHistory()
    assert history.axis == "epoch"
    for number in (1, 2):
        history.add(replace(epoch_event(number), stage="head", axis="setting"))
    assert history.axis == "setting"
    history.add(replace(epoch_event(3), stage="training"))
    assert [event.epoch for event in history.epochs] == [3]
    assert history.axis == "epoch"
    history.add(epoch_event(4))
    assert len(history.epochs) == 2, "version 0.1 did not name its phase"
