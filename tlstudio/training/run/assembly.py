"""Assembles the classifier as a training of a recipe begins with it."""

from __future__ import annotations

from pathlib import Path

import torch

from tlstudio.compute.seeds import derive_seed
from tlstudio.core.control import Control
from tlstudio.core.dataset import DEFAULT_COLUMN
from tlstudio.core.events import Emit
from tlstudio.models.backbones import load_backbone
from tlstudio.models.classifier import Classifier
from tlstudio.models.heads import Head, build_head
from tlstudio.specs.recipe import Recipe
from tlstudio.training.run.input_columns import LearnedColumns


def assemble(
    recipe: Recipe, learned: LearnedColumns | None = None, *, run_id: str, emit: Emit, control: Control
) -> Classifier:
    """Build the classifier: the backbone with its weights, and new heads that depend on the seed alone.

    Args:
        recipe: With the classes of the first column.
        learned: The label columns, where there are several.
        run_id: Written into events.
        emit: Receives the progress of a download.
        control: Cancels a download.

    Raises:
        UserError: Weights that cannot be downloaded or do not fit.
        Cancelled: The person cancelled.
    """
    file = recipe.backbone.weights_file
    backbone = load_backbone(
        recipe.backbone.id,
        weights_file=Path(file) if file else None,
        run_id=run_id,
        emit=emit,
        control=control,
    )

    def new_head(classes: tuple[str, ...]) -> Head:
        return build_head(recipe.head, feature_size=backbone.feature_size, classes_count=len(classes))

    torch.manual_seed(derive_seed(recipe.seed, "head"))
    head = new_head(recipe.classes)
    return Classifier(
        backbone=backbone,
        head=head,
        classes=recipe.classes,
        preprocessing=recipe.preprocessing(backbone.preprocessing),
        column=learned.first if learned else DEFAULT_COLUMN,
        further=[(column, new_head(column.classes)) for column in (learned.further if learned else ())],
    )
