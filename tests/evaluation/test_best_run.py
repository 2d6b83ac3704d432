"""The best run of a project."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.evaluation.tested_runs import answers, make_tested_run
from tlstudio.evaluation.best_run import best_run
from tlstudio.evaluation.run_summary import RunSummary, summarise


def summary(name: str, accuracy: float | None, **rest) -> RunSummary:
    plain = RunSummary(name=name, path=name, status="finished", backbone="", strategy="", epoch=1, epochs=1)
    return replace(plain, **{"accuracy": accuracy, "n": 48, "split": "test", "data_sha256": "a", **rest})


def test_the_most_accurate_of_the_newest_data_counts():
    runs = [
        summary("older data", 0.99, data_sha256="b"),
        summary("check images", 0.98, split="validation"),
        summary("another division", 0.97, tested="x"),
        summary("the best", 0.95),
        summary("the newest", 0.9),
        summary("unfinished", None, data_sha256="c"),
    ]
    best = best_run(runs)
    assert best is not None
    assert best.name == "the best"


def test_without_figures_there_is_none():
    assert best_run([]) is None
    assert best_run([summary("unfinished", None)]) is None


def test_runs_tell_which_images_they_were_tested_on(tmp_path: Path):
    tested = [answers(3, 1), answers(3, 1), answers(3, 1, first=9)]
    found = [summarise(make_tested_run(tmp_path / f"run-{n}", part)).tested for n, part in enumerate(tested)]
    assert found[0] == found[1] != found[2]
    assert summarise(make_tested_run(tmp_path / "older", tested[0], noted=False)).tested == ""
