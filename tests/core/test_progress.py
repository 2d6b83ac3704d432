from __future__ import annotations

from tlstudio.core import progress as module
from tlstudio.core.events import Event, StageProgress
from tlstudio.core.progress import ThrottledProgress


def emitted(total: int, *, seconds_between: float, monkeypatch) -> list[StageProgress]:
    monkeypatch.setattr(module, "SECONDS_BETWEEN", seconds_between)
    events: list[Event] = []
    progress = ThrottledProgress(total, stage="features", run_id="r", emit=events.append)
    assert list(progress.passed(range(total))) == list(range(total))
    return [event for event in events if isinstance(event, StageProgress)]


def test_every_image_is_reported_when_there_is_time(monkeypatch):
    events = emitted(5, seconds_between=0.0, monkeypatch=monkeypatch)
    assert [event.done for event in events] == [1, 2, 3, 4, 5]
    assert {(event.total, event.stage, event.run_id) for event in events} == {(5, "features", "r")}
    assert events[-1].seconds_left == 0


def test_of_quick_images_only_the_first_and_the_last_are_reported(monkeypatch):
    assert [event.done for event in emitted(50, seconds_between=60.0, monkeypatch=monkeypatch)] == [1, 50]
