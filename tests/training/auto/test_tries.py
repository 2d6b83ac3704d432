"""One progress over all tries."""

from __future__ import annotations

import pytest

from tests.training.tiny import Photos, train
from tlstudio.core.events import BatchEnded, Event, Paused, StageProgress, StageStarted, WarningRaised
from tlstudio.training.auto.tries import STAGE, STEPS, ExpectedTry, TriesProgress

HEAD = ExpectedTry(frozen=10.0, training=0.0)
LINE = ExpectedTry(frozen=5.0, training=30.0)
FOLDS = 3


class Trying:
    """Plays tries on a clock of its own and keeps what is emitted."""

    def __init__(self, *expected: ExpectedTry) -> None:
        self.now = 0.0
        self.events: list[Event] = []
        self.progress = TriesProgress(
            expected, folds=FOLDS, run_id="run-1", emit=self.events.append, clock=lambda: self.now
        )

    def features(self, share: float, *, seconds: float) -> None:
        self.now += seconds
        self.progress.listen(
            StageProgress(run_id="run-1", stage="features", done=round(100 * share), total=100)
        )

    def fold(self, *, seconds: float) -> None:
        for step in range(1, 5):
            self.now += seconds / 4
            self.progress.listen(
                BatchEnded(
                    run_id="run-1",
                    epoch=1,
                    epochs=1,
                    step=step,
                    steps=4,
                    train_loss=1.0,
                    images_per_second=1.0,
                )
            )
        self.progress.fold_ended()

    @property
    def newest(self) -> StageProgress:
        return [event for event in self.events if isinstance(event, StageProgress)][-1]


def test_each_try_says_which_of_how_many():
    trying = Trying(HEAD, LINE)
    trying.progress.begin("only the head")
    trying.progress.end(is_best=True)
    trying.progress.begin("training from top up")
    titles = [event.title for event in trying.events if isinstance(event, StageStarted)]
    assert titles == ["Try 1 of 2: only the head", "Try 2 of 2: training from top up"]
    assert {event.stage for event in trying.events if isinstance(event, StageStarted)} == {STAGE}


def test_the_time_left_is_that_of_all_tries_and_is_corrected_by_what_they_take():
    trying = Trying(HEAD, LINE, LINE)
    trying.progress.begin("only the head")
    training = 30 / 3**0.5  # a try may end after its first fold
    assert trying.newest.seconds_left == pytest.approx(10 + 2 * (5 + training))
    trying.features(0.5, seconds=10.0)  # half as fast as expected
    assert trying.newest.seconds_left == pytest.approx(2 * (5 + 5 + 5) + 2 * training)
    trying.features(1.0, seconds=10.0)
    trying.progress.end(is_best=True)
    trying.progress.begin("training from top up")
    trying.features(1.0, seconds=10.0)
    for _ in range(FOLDS):
        trying.fold(seconds=5.0)  # twice as fast as expected
    trying.progress.end(is_best=True)
    # One more try, and then the best so far trains on all images, which takes as long as a fold.
    assert trying.newest.seconds_left == pytest.approx(10 + training / 2 + 5)


def test_the_bar_only_grows_and_is_full_at_the_end():
    trying = Trying(HEAD, LINE, LINE)
    for _ in range(3):
        trying.progress.begin("something")
        for share in (0.25, 0.5, 1.0):
            trying.features(share, seconds=1.0)
        for _ in range(FOLDS):
            trying.fold(seconds=7.0)
        trying.progress.end(is_best=False)
    done = [event.done for event in trying.events if isinstance(event, StageProgress)]
    assert done == sorted(done)
    assert (done[0], done[-1], trying.newest.total) == (0, STEPS, STEPS)
    assert trying.newest.seconds_left == pytest.approx(0)


def test_what_the_cache_held_is_not_waited_for():
    trying = Trying(HEAD, LINE)
    trying.progress.begin("only the head")
    trying.progress.end(is_best=True)
    trying.progress.begin("training from top up")
    trying.fold(seconds=10.0)
    assert trying.newest.seconds_left == pytest.approx(20)


def test_only_warnings_and_pauses_of_a_try_are_passed_on():
    trying = Trying(HEAD)
    trying.progress.begin("only the head")
    before = len(trying.events)
    passed = [WarningRaised(run_id="r", code="c", message="m"), Paused(run_id="r")]
    note = WarningRaised(run_id="r", code="head-anew", message="m", severity="note")
    for event in (*passed, note, StageStarted(run_id="r", stage="head", title="Fitting the head")):
        trying.progress.listen(event)
    assert trying.events[before:] == passed


@pytest.mark.usefixtures("tiny")
def test_a_real_choice_has_one_progress_to_its_end(photos: Photos, tmp_path):
    events: list[Event] = []
    recipe = {"strategy": "fine-tune", "freeze": "auto", "epochs": 2, "optimiser": {"batch_size": 8}}
    train(photos(), tmp_path / "run", emit=events.append, **recipe)
    choice = [event for event in events if getattr(event, "stage", "") == STAGE]
    titles = [event.title for event in choice if isinstance(event, StageStarted)]
    assert [title.partition(":")[0] for title in titles] == [f"Try {number} of 4" for number in range(1, 5)]
    progress = [event for event in choice if isinstance(event, StageProgress)]
    assert [event.done for event in progress] == sorted(event.done for event in progress)
    assert progress[-1].done == STEPS
    assert all(event.seconds_left >= 0 for event in progress)
    # Nothing else shows a progress between the first try and the last.
    between = events[events.index(choice[0]) : events.index(progress[-1])]
    assert {event.stage for event in between if isinstance(event, StageStarted | StageProgress)} == {STAGE}
    assert not any(isinstance(event, BatchEnded) for event in between)


def test_a_try_that_ends_early_is_done_and_spoils_no_speed():
    trying = Trying(HEAD, LINE, LINE)
    trying.progress.begin("only the head")
    trying.features(1.0, seconds=10.0)
    for _ in range(FOLDS):
        trying.progress.fold_ended()
    trying.progress.end(is_best=True)
    trying.progress.begin("training from top up")
    trying.features(1.0, seconds=5.0)
    trying.fold(seconds=10.0)
    trying.progress.end(is_best=False)
    assert trying.newest.seconds_left == pytest.approx(5 + 30 / 3**0.5)
