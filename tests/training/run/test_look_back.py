"""What is measured once a classifier is trained comes after its accuracy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.training.tiny import FINE, Photos, train
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.core.events import ClassifierEvaluated, Event, StageStarted
from tlstudio.project.runs import RunFolder, open_run

pytestmark = pytest.mark.usefixtures("tiny")

LATER = {"labels", "enough", "unknown"}


@pytest.mark.parametrize(("share", "side"), [(0.15, "test"), (0.0, "validation")])
def test_the_accuracy_is_known_before_what_says_how_far_to_trust_it(
    photos: Photos, tmp_path: Path, share: float, side: str
):
    events: list[Event] = []
    split = {"test": share, "validation": 0.2}
    result = train(photos(per_class=10), tmp_path / "run", emit=events.append, split=split)
    (place,) = (number for number, event in enumerate(events) if isinstance(event, ClassifierEvaluated))
    found = events[place]
    assert isinstance(found, ClassifierEvaluated)
    assert (found.side, found.accuracy, found.n) == (side, result[side]["accuracy"], result[side]["n"])
    assert list(found.interval) == result[side]["interval"]
    before, after = (
        {event.stage for event in part if isinstance(event, StageStarted)}
        for part in (events[:place], events[place:])
    )
    assert not before & LATER
    assert "labels" in after
    assert found in open_run(tmp_path / "run").read_events()


def test_a_run_without_images_to_judge_by_has_no_accuracy(photos: Photos, tmp_path: Path):
    events: list[Event] = []
    train(photos(), tmp_path / "run", emit=events.append, split={"test": 0.0, "validation": 0.0})
    assert not [event for event in events if isinstance(event, ClassifierEvaluated)]


def test_a_run_cancelled_after_its_accuracy_is_not_finished_and_resumes_to_the_same(
    photos: Photos, tmp_path: Path
):
    root, control = photos(per_class=10), Control()

    def cancel(event: Event) -> None:
        if isinstance(event, ClassifierEvaluated):
            control.cancel()

    with pytest.raises(Cancelled):
        train(root, tmp_path / "cut", emit=cancel, control=control, **FINE)
    assert not RunFolder(tmp_path / "cut").finished
    resumed = train(root, tmp_path / "cut", resume=True)
    whole = train(root, tmp_path / "whole", **FINE)
    assert [resumed[side] for side in ("validation", "test")] == [
        whole[side] for side in ("validation", "test")
    ]
