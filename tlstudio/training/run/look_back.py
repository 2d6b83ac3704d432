"""Measures, once a classifier is trained, what says how far to trust it: pretraining, labels, more images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from tlstudio.compute.seeds import derive_seed
from tlstudio.core.control import Control
from tlstudio.core.events import Emit
from tlstudio.evaluation.comparisons import read_comparisons, write_comparisons
from tlstudio.evaluation.label_scores import label_scores_are_sound, write_label_scores
from tlstudio.models.backbones import load_backbone
from tlstudio.models.stages import Backbone
from tlstudio.project.history import RunHistory
from tlstudio.training.run.preparation import FEWEST_CLASSES
from tlstudio.training.state import TrainingState
from tlstudio.training.trials.label_noise import score_run_labels
from tlstudio.training.trials.more_images import measure_more_images
from tlstudio.training.trials.pretraining_gain import measure_pretraining


def pretrained_backbone(state: TrainingState, *, control: Control) -> Backbone:
    """The backbone as training began with it.

    Raises:
        UserError: Its weights cannot be read.
        Cancelled: The person cancelled.
    """
    if not state.backbone_changed:
        return state.classifier.backbone
    chosen = state.recipe.backbone
    file = Path(chosen.weights_file) if chosen.weights_file else None
    return load_backbone(chosen.id, weights_file=file, control=control)


def look_back(state: TrainingState, pretrained: Backbone, *, emit: Emit, control: Control) -> None:
    """Write to the run folder what pretraining gives and how well the labels fit, unless it is there.

    Emits the learning curve, unless the strategy has drawn its own; a resumed run has it already.

    Args:
        state: After the last phase.
        pretrained: Of `pretrained_backbone`.
        emit: Receives progress, and the learning curve.
        control: Checked once per batch.

    Raises:
        UserError: An image can no longer be read.
        Cancelled: The person cancelled.
    """
    if len({image.label for image in state.train}) < FEWEST_CLASSES:
        return
    comparisons = read_comparisons(state.run)
    has_labels = label_scores_are_sound(state.run)
    has_curve = RunHistory(state.run.read_events()).learning_curve is not None
    if comparisons.pretraining is not None and has_labels and has_curve:
        return
    if not has_labels:
        scored = score_run_labels(state, pretrained, emit=emit, control=control)
        if scored is not None:
            write_label_scores(state.run, scored)
    if comparisons.pretraining is None:
        torch.manual_seed(derive_seed(state.recipe.seed, "random backbone"))
        random = load_backbone(state.recipe.backbone.id, pretrained=False)
        found = measure_pretraining(state, pretrained, random, emit=emit, control=control)
        write_comparisons(state.run, replace(comparisons, pretraining=found))
    if not has_curve:
        curve = measure_more_images(state, pretrained, emit=emit, control=control)
        if curve is not None:
            emit(curve)
