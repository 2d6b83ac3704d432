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
    assert list(facts)[-5:] == ["Epochs", "Time", "Computer", "Versions", "SHA-256"]
    assert facts["Epochs"] == (
        "8. Epoch 6 is kept. Epoch 8 had more check images right (89.6 % against 83.3 % of 48), "
        "no more than chance explains."
    )
    assert facts["Time"] == "12 seconds"
    assert facts["Computer"] == "Linux <x>, cpu"
    assert facts["Versions"] == "python 3.11.2"
    assert facts["SHA-256"] == "not recorded"
    recipe = run.read_json(run.recipe)
    recipe["backbone"]["weights_sha256"], recipe["data_sha256"] = "b" * 64, "a" * 64
    run.recipe.write_text(json.dumps(recipe))
    words = f"images and labels {'a' * 64}, weights of the backbone {'b' * 64}"
    assert _facts(run)["SHA-256"] == words


def test_a_start_that_was_never_improved_is_named(run: RunFolder) -> None:
    events = run.events.read_text(encoding="utf-8")
    run.events.write_text(events.replace('"best_epoch": 6', '"best_epoch": 0'), encoding="utf-8")
    assert _facts(run)["Epochs"].startswith("8. The start (epoch 0) is kept. Epoch 8 had more")


def test_a_run_that_was_stopped_and_one_that_ended_by_itself(run: RunFolder) -> None:
    assert "5 of 8: you stopped it." in _facts(run, epochs=5, status="stopped")["Epochs"]
    assert "5 of 8: it ended by itself." in _facts(run, epochs=5, status="finished")["Epochs"]


@pytest.mark.parametrize(("refits", "words"), [(True, "yes"), (False, "no")])
def test_whether_the_head_was_fitted_anew_is_named(run: RunFolder, refits: bool, words: str) -> None:
    recipe = run.read_json(run.recipe)
    run.recipe.write_text(json.dumps({**recipe, "strategy_options": {"refit_head": refits}}))
    assert _facts(run)["Fit the head anew at the end"] == words


def test_settings_are_counted_where_a_head_is_solved(run: RunFolder) -> None:
    events = run.events.read_text(encoding="utf-8")
    run.events.write_text(events.replace('"axis": "epoch"', '"axis": "setting"'), encoding="utf-8")
    assert _facts(run)["Settings"].startswith("8. Setting 6 of 8 did best")


@pytest.mark.parametrize(("precision", "is_named"), [("bfloat16", True), ("float32", False), (None, False)])
def test_reduced_precision_is_named(run: RunFolder, precision: str | None, is_named: bool) -> None:
    assert ("Computed with" in _facts(run, training_precision=precision)) == is_named


def test_missing_records_are_named(run: RunFolder) -> None:
    run.environment.unlink()
    assert _facts(run, seconds=None)["Computer"] == "not recorded"
    assert "Time" not in _facts(run, seconds=None)
