"""The times beside the choices."""

from __future__ import annotations

import pytest

from tlstudio.gui.pages.model.cost import Known
from tlstudio.gui.pages.model.way_times import WayTimes
from tlstudio.specs.recipe import Recipe


def of(epochs: int) -> dict:
    return Recipe(freeze="head", strategy="linear-probe", epochs=epochs).model_dump(mode="json")


@pytest.fixture
def fast(monkeypatch):
    monkeypatch.setattr("tlstudio.gui.pages.model.cost.SETTLE_MS", 0)


def test_they_are_measured_one_after_the_other_and_a_failure_is_passed_over(fast, opened, qtbot):
    known: Known = {}
    times = WayTimes(opened, known=known)
    arrived = {}
    times.measured.connect(lambda way, estimate: arrived.update({way: estimate["training_seconds"]}))
    times.request({"a": of(1), "b": of(13), "c": of(2)})  # the made-up engine refuses 13 epochs
    qtbot.waitUntil(lambda: "c" in arrived)
    assert arrived == {"a": 6.0, "c": 12.0}
    assert len(known) == 3


def test_what_another_estimator_knows_is_shown_at_once(opened, qtbot):
    known: Known = {}
    first, second = WayTimes(opened, known=known), WayTimes(opened, known=known)
    with qtbot.waitSignal(first.measured):
        first.request({"a": of(1)})
    arrived = []
    second.measured.connect(lambda way, _estimate: arrived.append(way))
    second.request({"b": of(1)})
    assert arrived == ["b"]


def test_once_stopped_nothing_is_requested(fast, opened, qtbot):
    times = WayTimes(opened, known={})
    times.request({"a": of(1)})
    times.stop()
    qtbot.wait(20)
    assert opened.engine.open_jobs() == []
