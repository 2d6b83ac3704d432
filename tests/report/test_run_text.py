import json

import pytest

from tlstudio.project.runs import RunFolder
from tlstudio.report.contents import gather
from tlstudio.report.run_text import run_facts


def _facts(run: RunFolder, **metrics: object) -> dict[str, str]:
    """The facts of a run whose metrics are changed first."""
    run.metrics.write_text(json.dumps({**run.read_json(run.metrics), **metrics}))
    return dict(run_facts(gather(run)))


def test_epochs_time_computer_and_versions_follow_the_recipe(run: RunFolder) -> None:
    facts = _facts(run)
    assert list(facts)[-4:] == ["Epochs", "Time", "Computer", "Versions"]
    assert facts["Epochs"] == "8; epoch 6 was the best on validation and is what was kept."
    assert facts["Time"] == "12 seconds"
    assert facts["Computer"] == "Linux <x>, cpu"
    assert facts["Versions"] == "python 3.11.2"


def test_a_start_that_was_never_improved_is_named(run: RunFolder) -> None:
    assert "the start, before the first epoch, was the best" in _facts(run, best_epoch=0)["Epochs"]


def test_settings_are_counted_where_a_head_is_solved(run: RunFolder) -> None:
    events = run.events.read_text(encoding="utf-8")
    run.events.write_text(events.replace('"axis": "epoch"', '"axis": "setting"'), encoding="utf-8")
    assert _facts(run)["Settings"].startswith("8; setting 6 was the best")


@pytest.mark.parametrize(("precision", "is_named"), [("bfloat16", True), ("float32", False), (None, False)])
def test_reduced_precision_is_named(run: RunFolder, precision: str | None, is_named: bool) -> None:
    assert ("Computed with" in _facts(run, training_precision=precision)) == is_named


def test_missing_records_are_named(run: RunFolder) -> None:
    run.environment.unlink()
    assert _facts(run, seconds=None)["Computer"] == "not recorded"
    assert "Time" not in _facts(run, seconds=None)
