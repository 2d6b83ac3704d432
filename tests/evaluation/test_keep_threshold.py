"""A threshold is chosen anew and kept with its run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.evaluation.test_asking import calibrated
from tests.evaluation.test_run_result import predictions as few
from tlstudio.core.ask_below import AskBelow
from tlstudio.core.errors import UserError
from tlstudio.core.files import write_json
from tlstudio.evaluation.asking import AskingRule, AskingRules, answered_at, read_rules, write_rules
from tlstudio.evaluation.keep_threshold import keep_threshold
from tlstudio.evaluation.metrics import evaluate_predictions
from tlstudio.evaluation.predictions import Predictions, write_predictions_csv
from tlstudio.evaluation.run_result import RunResult
from tlstudio.project.runs import RunFolder

PART = calibrated(200, seed=0)


def finished(folder: Path, validation: Predictions, *, column: str = "label") -> RunFolder:
    """A run with these answers for its validation images, and no others."""
    run = RunFolder(folder)
    nothing = replace(
        validation,
        paths=(),
        probabilities=validation.probabilities[:0],
        true_indices=validation.true_indices[:0],
        further={},
    )
    result = RunResult(
        status="finished",
        classes=validation.classes,
        validation=evaluate_predictions(validation, subset="validation", column=column),
        test=evaluate_predictions(nothing, subset="test", column=column),
    )
    write_predictions_csv(run.predictions, {"validation": validation} if validation.paths else {})
    write_json(run.metrics, result.as_json())
    return run


def test_it_is_chosen_for_a_wish_or_set_by_hand(tmp_path: Path):
    run = finished(tmp_path, PART)
    chosen = keep_threshold(run, wish=0.9)
    assert (chosen.wish, read_rules(run)) == (0.9, AskingRules(columns={"label": chosen}))
    by_hand = keep_threshold(run, threshold=0.7)
    assert by_hand == AskingRule(threshold=0.7, wish=None, found=answered_at(PART, AskBelow(0.7)))
    assert read_rules(run) == AskingRules(columns={"label": by_hand})


def test_the_rules_of_other_label_columns_stay(tmp_path: Path):
    both = replace(PART, further={"health": calibrated(200, seed=1)})
    run = finished(tmp_path, both, column="species")
    species = keep_threshold(run, threshold=0.6)
    health = keep_threshold(run, wish=0.9, column="health")
    assert read_rules(run) == AskingRules(columns={"species": species, "health": health})


def test_a_wish_that_cannot_be_fulfilled_changes_nothing(tmp_path: Path):
    run = finished(tmp_path, PART)
    kept = AskingRules(columns={"label": keep_threshold(run, threshold=0.6)})
    with pytest.raises(UserError, match="200 images that it had not learned from cannot show"):
        keep_threshold(run, wish=0.999)
    assert read_rules(run) == kept


def test_without_images_to_choose_by_there_is_no_threshold(tmp_path: Path):
    run = finished(tmp_path, few(0))
    write_rules(run, AskingRules())
    with pytest.raises(UserError, match="no images by which a threshold could be chosen"):
        keep_threshold(run, threshold=0.5)
    assert read_rules(run) == AskingRules()
