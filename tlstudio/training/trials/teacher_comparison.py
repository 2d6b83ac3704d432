"""Compares a trained classifier with the run that it learned from: accuracy, size and speed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch

from tlstudio.core.control import Control
from tlstudio.core.events import Emit
from tlstudio.core.types import SplitName
from tlstudio.evaluation.comparisons import TeacherComparison, read_comparisons, write_comparisons
from tlstudio.evaluation.predictions import Predictions
from tlstudio.features.images import RunImage, label_tensor
from tlstudio.inference.predict import predict_labelled
from tlstudio.models.classifier import Classifier, load_classifier
from tlstudio.project.runs import RunFolder, open_run
from tlstudio.training.state import TrainingState
from tlstudio.training.strategies import strategy_spec
from tlstudio.training.trials.comparison import compare


def note_teacher(
    state: TrainingState,
    *,
    images: Mapping[SplitName, tuple[RunImage, ...]],
    predictions: Mapping[SplitName, Predictions],
    emit: Emit,
    control: Control,
) -> None:
    """Write to the run folder how the classifier compares with the run it learned from, if with any.

    See `compare_with_teacher`; a resumed run that has compared them does not do so again.
    """
    asked = (spec.id for spec in strategy_spec(state.recipe.strategy).inputs if spec.kind == "run")
    folder = next((state.recipe.inputs[name] for name in asked if name in state.recipe.inputs), None)
    comparisons = read_comparisons(state.run)
    if folder is None or comparisons.teacher is not None:
        return
    found = compare_with_teacher(
        state, open_run(Path(folder)), images=images, predictions=predictions, emit=emit, control=control
    )
    write_comparisons(state.run, replace(comparisons, teacher=found))


def compare_with_teacher(
    state: TrainingState,
    teacher_run: RunFolder,
    *,
    images: Mapping[SplitName, tuple[RunImage, ...]],
    predictions: Mapping[SplitName, Predictions],
    emit: Emit,
    control: Control,
) -> TeacherComparison | None:
    """Compare the trained classifier with its teacher, on the images that the run reports.

    Args:
        state: Of the trained run.
        teacher_run: The run that it learned from; it has the same classes.
        images: By their side of the split.
        predictions: Of the trained classifier, by side.
        emit: Receives progress.
        control: Checked once per batch.

    Returns:
        The comparison on the test images, else on the validation images; None without predictions of them.

    Raises:
        UserError: The teacher or an image can no longer be read.
        Cancelled: The person cancelled.
    """
    side: SplitName = "test" if images["test"] else "validation"
    compared = images[side]
    if not compared or not predictions[side].paths:
        return None
    teacher = load_classifier(teacher_run.trained_model()).to(state.device)
    answers = predict_labelled(
        teacher,
        compared,
        run_id=state.run_id,
        title="Evaluating the teacher on the same images",
        runtime=state.runtime,
        emit=emit,
        control=control,
    )
    named = torch.tensor([state.recipe.classes.index(name) for name in teacher.classes])
    labels = label_tensor(compared)
    by_teacher = named[torch.from_numpy(answers.predicted_indices)] == labels
    own = torch.from_numpy(predictions[side].predicted_indices) == labels
    found = compare(own, by_teacher)
    return TeacherComparison(
        accuracy=float(own.double().mean()),
        teacher_accuracy=float(by_teacher.double().mean()),
        n=len(labels),
        on_test_images=side == "test",
        difference=found.difference,
        interval=found.interval.pair,
        weights_bytes=_bytes(state.classifier),
        teacher_weights_bytes=_bytes(teacher),
        seconds_per_1000=state.extractor_of(state.classifier).seconds_per_1000(compared),
        teacher_seconds_per_1000=state.extractor_of(teacher).seconds_per_1000(compared),
    )


def _bytes(classifier: Classifier) -> int:
    """Bytes of the backbone and heads; what says how odd an image is does not count."""
    parts = (classifier.backbone, *classifier.heads)
    tensors = [tensor for part in parts for tensor in part.state_dict().values()]
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
