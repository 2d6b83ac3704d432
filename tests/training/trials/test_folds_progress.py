"""One progress over all folds."""

from __future__ import annotations

from tlstudio.core.events import BatchEnded, Event, Paused, StageProgress, StageStarted, WarningRaised
from tlstudio.training.trials.folds_progress import FoldsProgress


def batch(step: int) -> BatchEnded:
    return BatchEnded(
        run_id="r",
        epoch=1,
        epochs=1,
        step=step,
        steps=2,
        train_loss=1.0,
        images_per_second=1.0,
        seconds_left=2.0 - step,
    )


def test_steps_of_all_folds_are_counted_and_features_are_shown_before():
    heard: list[Event] = []
    progress = FoldsProgress(2, stage="held-out", title="Predicting", run_id="r", emit=heard.append)
    features = StageStarted(run_id="r", stage="features", title="Looking at the images")
    progress.listen(features)
    for _ in range(2):
        progress.listen(StageStarted(run_id="r", stage="training", title="Training"))
        progress.listen(batch(1))
        progress.listen(batch(2))
        progress.fold_ended()
    assert heard.pop(0) == features
    assert heard.pop(0) == StageStarted(run_id="r", stage="held-out", title="Predicting")
    told = [(event.done, event.total) for event in heard if isinstance(event, StageProgress)]
    assert len(told) == len(heard)
    assert told == [(0, 2), (1, 4), (2, 4), (2, 4), (2, 4), (3, 4), (4, 4), (4, 4)]
    assert [event.seconds_left for event in heard if isinstance(event, StageProgress)][1::2] == [3, 2, 1, 0]


def test_warnings_and_pauses_of_folds_are_passed_on_but_no_notes():
    heard: list[Event] = []
    progress = FoldsProgress(1, stage="held-out", title="Predicting", run_id="r", emit=heard.append)
    passed = [WarningRaised(run_id="r", code="c", message="m"), Paused(run_id="r")]
    for event in (*passed, WarningRaised(run_id="r", code="head-anew", message="m", severity="note")):
        progress.listen(event)
    assert heard == passed
