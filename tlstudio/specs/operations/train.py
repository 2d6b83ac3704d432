"""Spec of the operation `train`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments, RecipeArgument
from tlstudio.specs.recipe import Recipe
from tlstudio.specs.spec import OperationSpec


class TrainArguments(OperationArguments):
    """Arguments of `train`.

    Attributes:
        folder: One sub-folder per class.
        run: Folder of the run.
        recipe: Settings of the training.
        resume: Continue an interrupted run instead of starting one.
    """

    folder: Path
    run: Path
    recipe: RecipeArgument = Recipe()
    resume: bool = False


SPEC = OperationSpec(
    id="train",
    title="Training",
    summary="train a classifier",
    arguments=TrainArguments,
    resumable=True,
)
