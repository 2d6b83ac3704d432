"""A run that learns from its validation images reports answers of others that did not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.training.tiny import Photos, same_weights, train
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.core.events import BatchEnded, Event, StageProgress, StageStarted, WarningRaised, ignore
from tlstudio.evaluation.asking import USUAL_WISH, read_rules
from tlstudio.evaluation.predictions import read_predictions_csv
from tlstudio.evaluation.run_split import read_run_split
from tlstudio.project.run_images import read_known_images
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import Recipe
from tlstudio.training.run.held_out import learn_from_validation, write_held_out
from tlstudio.training.state import TrainingState
from tlstudio.training.strategies import plan_phases
from tlstudio.training.trials.out_of_fold import folds_of_run

pytestmark = pytest.mark.usefixtures("tiny")

MakeState = Callable[..., TrainingState]
BOTH = {"learns_from": "train+validation"}


def test_it_learns_from_all_but_the_test_images_and_reports_what_others_answered(
    photos: Photos, tmp_path: Path
):
    events: list[Event] = []
    root = photos(per_class=10)
    result = train(root, tmp_path / "run", emit=events.append, **BOTH)
    run = RunFolder(tmp_path / "run")
    validation = read_predictions_csv(run.predictions)["validation"]
    assert result["validation"]["n"] == result["images"]["validation"] == len(validation.paths) > 0
    held_out = read_predictions_csv(run.held_out)["validation"]
    assert held_out.paths == validation.paths
    assert (held_out.probabilities == validation.probabilities).all()
    assert {image.split for image in read_known_images(run.images)} == {"train"}
    assert set(read_run_split(run).paths("validation")) == set(validation.paths), "as reports read it"
    (note,) = (e for e in events if isinstance(e, WarningRaised) and e.code == "check-images-learned")
    told = [e for e in events if isinstance(e, StageProgress) and e.stage == "held-out"]
    assert (told[0].done, told[-1].done, told[-1].total) == (0, 3, 3)
    assert f"also learned from the {len(validation.paths)} check images" in note.message
    alone = train(root, tmp_path / "alone")
    assert set(read_predictions_csv(RunFolder(tmp_path / "alone").held_out)) == {"train"}
    assert not same_weights(tmp_path / "run", tmp_path / "alone")
    assert alone["images"] == result["images"]


def test_a_resumed_run_does_not_predict_again_and_ends_alike(photos: Photos, tmp_path: Path):
    root, control = photos(), Control()

    def cancel(event: Event) -> None:
        if isinstance(event, BatchEnded) and event.epoch == 2:  # before the last checkpoint
            control.cancel()

    fine = {"strategy": "fine-tune", "freeze": "top", "epochs": 2, "optimiser": {"batch_size": 8}, **BOTH}
    with pytest.raises(Cancelled):
        train(root, tmp_path / "left", emit=cancel, control=control, **fine)
    events: list[Event] = []
    resumed = train(root, tmp_path / "left", resume=True, emit=events.append)
    assert not [event for event in events if isinstance(event, StageStarted) and event.stage == "held-out"]
    whole = train(root, tmp_path / "whole", **fine)
    assert (resumed["validation"], resumed["test"]) == (whole["validation"], whole["test"])
    assert same_weights(tmp_path / "left", tmp_path / "whole")


def test_a_training_that_ended_early_gets_no_figures_of_classifiers_that_did_not(
    photos: Photos, tmp_path: Path
):
    control, events = Control(), list[Event]()

    def stop(event: Event) -> None:
        events.append(event)
        if isinstance(event, BatchEnded):
            control.stop()

    fine = {"strategy": "fine-tune", "freeze": "top", "epochs": 2, "optimiser": {"batch_size": 8}, **BOTH}
    result = train(photos(), tmp_path / "run", emit=stop, control=control, **fine)
    run = RunFolder(tmp_path / "run")
    assert result["status"] == "stopped"
    assert result["images"]["validation"] > 0
    assert (result["validation"]["n"], result["validation"]["accuracy"]) == (0, None)
    assert read_predictions_csv(run.predictions).keys() == {"test"}
    (warning,) = (e for e in events if isinstance(e, WarningRaised) and e.code.startswith("check-images"))
    assert "ended early, so there are no figures for the" in warning.message


def test_stop_while_others_predict_leaves_the_validation_images_out(make_state: MakeState):
    state, control = make_state(Recipe(learns_from="train+validation")), Control()
    control.stop()
    phases = plan_phases(state.recipe, stage_names=("stem", "middle", "top"))
    before = state.train
    learn_from_validation(phases, state, emit=ignore, control=control)
    assert (state.recipe.learns_from, state.train) == ("train", before)
    assert json.loads(state.run.recipe.read_text())["learns_from"] == "train"


def test_each_validation_image_gets_its_own_answer(make_state: MakeState):
    state = make_state()
    labels = torch.tensor([image.label for image in state.train + state.validation])
    order = torch.cat([fold.held_out for fold in folds_of_run(state)])
    write_held_out(state, torch.nn.functional.one_hot(labels[order], 3).float() * 9)
    found = read_predictions_csv(state.run.held_out)["validation"]
    assert found.predicted_indices.tolist() == [image.label for image in state.validation]
    assert found.true_indices.tolist() == [image.label for image in state.validation]


def test_training_images_are_answered_by_heads_that_did_not_learn_from_them(photos: Photos, tmp_path: Path):
    """By these and the validation images the threshold is chosen below which a person is asked."""
    result = train(photos(per_class=20), tmp_path / "run")
    run = RunFolder(tmp_path / "run")
    left_out = read_predictions_csv(run.held_out)["train"]
    assert set(left_out.paths) == set(read_run_split(run).paths("train"))
    assert (left_out.true_indices >= 0).all()
    rules = read_rules(run)
    assert rules is not None
    rule = rules.columns["label"]
    assert rule.wish == USUAL_WISH
    assert rule.found.n == result["images"]["train"] + result["images"]["validation"]


def test_a_fine_tuning_is_judged_by_validation_images_alone(photos: Photos, tmp_path: Path):
    fine = {"strategy": "fine-tune", "freeze": "top", "epochs": 1, "optimiser": {"batch_size": 8}}
    train(photos(per_class=10), tmp_path / "run", **fine)
    run = RunFolder(tmp_path / "run")
    assert not run.held_out.exists()
    assert read_rules(run) is not None
