"""Predicts the images of a run, those that it learned from in the end by classifiers that did not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, WarningRaised
from tlstudio.core.types import SplitName
from tlstudio.core.wording import count
from tlstudio.evaluation.objective import ONE_CLASS_EACH, objective_of
from tlstudio.evaluation.predictions import (
    Predictions,
    predictions_of_columns,
    read_predictions_csv,
    write_predictions_csv,
)
from tlstudio.evaluation.unseen import LEFT_OUT
from tlstudio.features.exact_features import ExactFeatures
from tlstudio.features.images import RunImage, column_labels, label_tensor
from tlstudio.inference.predict import WORTH_A_RUNTIME, predict_labelled
from tlstudio.project.run_images import read_known_images, write_known_images
from tlstudio.project.runs import RunFolder
from tlstudio.training.phases.phase import Phase
from tlstudio.training.run.preparation import write_recipe
from tlstudio.training.state import TrainingState
from tlstudio.training.trials.folds_progress import FoldsProgress
from tlstudio.training.trials.out_of_fold import folds_of_run, out_of_fold_logits

SUBSET: SplitName = "validation"


def write_held_out(state: TrainingState, logits: Tensor | None) -> None:
    """Write the predictions for the validation images to the run folder, if there are any.

    Args:
        state: Before it learns from them.
        logits: Of the held-out images of `folds_of_run`, fold by fold: float32 [N, K], those of all label
            columns side by side.
    """
    if logits is None or not state.validation:
        return
    order = torch.cat([fold.held_out for fold in folds_of_run(state)])
    # Validation images come after the training images; on large sets no others are held out.
    of_validation = logits[order.argsort()][-len(state.validation) :]
    classifier = state.classifier
    predictions = predictions_of_columns(
        [image.path for image in state.validation],
        columns=classifier.columns,
        probabilities=objective_of(classifier.sizes).probabilities(of_validation).numpy(),
        labels=column_labels(state.validation, columns=len(classifier.columns)).numpy(),
    )
    write_predictions_csv(state.run.held_out, {SUBSET: predictions})


def write_out_of_fold(state: TrainingState, logits: Tensor | None) -> None:
    """Write the predictions for the training images to the run folder, if there are any.

    Args:
        state: After the last phase; a classifier of one label column.
        logits: Of its training images by heads that did not learn from them: float [N, K].
    """
    earlier = held_out_predictions(state.run)
    known = set(earlier.paths) if earlier is not None else set()
    rows = [row for row, image in enumerate(state.train) if image.path not in known]
    if logits is None or not rows:
        return
    images = [state.train[row] for row in rows]
    predictions = Predictions(
        paths=tuple(image.path for image in images),
        classes=state.classifier.classes,
        probabilities=ONE_CLASS_EACH.probabilities(logits[rows]).numpy(),
        true_indices=label_tensor(images).numpy(),
    )
    parts = {SUBSET: earlier, LEFT_OUT: predictions}
    write_predictions_csv(
        state.run.held_out, {name: part for name, part in parts.items() if part is not None}
    )


def learn_from_validation(
    phases: Sequence[Phase], state: TrainingState, *, emit: Emit, control: Control
) -> None:
    """Make validation images training images if the recipe says so, once other classifiers predicted them.

    `images.csv` then counts them among the images that the run learned from.

    Args:
        phases: That will train; where the run folder has no predictions yet, they run on folds.
        state: Its training and validation images change. When the person stops the folds, its recipe does.
        emit: Receives progress.
        control: Checked once per batch.

    Raises:
        UserError: Something that the person can mend.
        Cancelled: The person cancelled.
    """
    if not state.validation or state.recipe.learns_from == "train":
        return
    if not _is_known(state):
        folds = folds_of_run(state)
        progress = FoldsProgress(
            len(folds),
            stage="held-out",
            title="Predicting the check images",
            run_id=state.run_id,
            emit=emit,
        )
        logits = out_of_fold_logits(phases, state, folds, progress=progress, control=control)
        if logits is None:
            control.consume_stop()
            state.recipe = state.recipe.model_copy(update={"learns_from": "train"})
            write_recipe(state.run, state.recipe)
            return
        write_held_out(state, logits)
    known = read_known_images(state.run.images)
    write_known_images(state.run.images, [replace(image, split="train") for image in known])
    state.train, state.validation = state.train + state.validation, ()
    state.exact_features = ExactFeatures()


def predict_run(
    state: TrainingState, test: tuple[RunImage, ...], *, is_cut: bool, emit: Emit, control: Control
) -> dict[SplitName, Predictions]:
    """Predict decoded images with the assembled classifier; the only place where test images are read.

    Validation images that it learned from have the answers of classifiers that did not; none where its own
    training did not come to its end, as theirs did.

    Args:
        state: After the last phase.
        test: Test images.
        is_cut: Whether the training was stopped or became unstable before its end.
        emit: Receives progress, and what became of validation images that it learned from.
        control: Checked once per batch.

    Raises:
        UserError: An image can no longer be read.
        Cancelled: The person cancelled.
    """
    images = {"validation": state.validation, "test": test}
    number = sum(len(part) for part in images.values())
    # For a backbone that was trained the runtime has to be set up anew, which pays for many images only.
    uses_runtime = not state.backbone_changed or number >= WORTH_A_RUNTIME
    runtime = state.runtime if uses_runtime else None
    titles: dict[SplitName, str] = {
        "validation": "Evaluating on check images",
        "test": "Evaluating on test images",
    }
    predictions = {
        split: predict_labelled(
            state.classifier,
            images[split],
            run_id=state.run_id,
            title=title,
            runtime=runtime,
            exact_features=state.exact_features,
            emit=emit,
            control=control,
        )
        for split, title in titles.items()
    }
    held_out = None if state.validation else held_out_predictions(state.run)
    if held_out is None:
        return predictions
    emit(_learned_event(state.run_id, images=len(held_out.paths), is_cut=is_cut))
    return predictions if is_cut else {**predictions, "validation": held_out}


def held_out_predictions(run: RunFolder) -> Predictions | None:
    """The predictions for validation images that a run learned from; None where it did not.

    Raises:
        UserError: The file is damaged.
    """
    return read_predictions_csv(run.held_out).get(SUBSET) if run.held_out.exists() else None


def _is_known(state: TrainingState) -> bool:
    """Return whether the run folder has sound predictions for the validation images."""
    try:
        found = held_out_predictions(state.run)
    except UserError:
        return False
    return found is not None and found.paths == tuple(image.path for image in state.validation)


def _learned_event(run_id: str, *, images: int, is_cut: bool) -> WarningRaised:
    """Say that the validation images were learned from, and what that means for their figures."""
    number = count(images, "check image")
    if is_cut:
        return WarningRaised(
            run_id=run_id,
            code="check-images-unmeasured",
            message=(
                f"The training of the classifier ended early, so there are no figures for the {number}: it "
                "learned from them itself, and the other classifiers that answered for them were trained to "
                "their end. Judge it by images that it has not seen."
            ),
        )
    return WarningRaised(
        run_id=run_id,
        code="check-images-learned",
        message=(
            f"In the end the classifier also learned from the {number}, because more images make it better. "
            "The answers shown for them come from classifiers that were trained in the same way without them."
        ),
        severity="note",
    )
