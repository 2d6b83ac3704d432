"""A run read from its folder."""

from __future__ import annotations

from pathlib import Path

from tests.gui.made_runs import make_run
from tlstudio.core.events import JobSucceeded
from tlstudio.gui.pages.train.stored_run import read_stored_run

PATHS = {name: [f"{name}/{n}.jpg" for n in range(8)] for name in ("a", "b")}


def test_a_run_with_metrics_counts_as_succeeded(tmp_path: Path):
    stored = read_stored_run(make_run(tmp_path / "run-1", paths=PATHS))
    assert stored.finished
    assert isinstance(stored.history.final, JobSucceeded)
    assert stored.recipe["classes"] == ["a", "b"]
    assert stored.evaluation is not None
    assert stored.evaluation.subset == "test"


def test_an_interrupted_run_can_be_resumed(tmp_path: Path):
    stored = read_stored_run(make_run(tmp_path / "run-2", paths=PATHS, done=2, finished=False))
    assert stored.history.final is None
    assert [epoch.epoch for epoch in stored.history.epochs] == [0, 1, 2]
    assert stored.resumable
    assert stored.evaluation is None


def test_a_run_without_a_readable_recipe_still_shows_its_events(tmp_path: Path):
    run = make_run(tmp_path / "run-3", paths=PATHS)
    run.recipe.write_text("{", encoding="utf-8")
    stored = read_stored_run(run)
    assert stored.recipe == {}
    assert stored.history.epochs
