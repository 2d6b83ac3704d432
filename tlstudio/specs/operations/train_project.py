"""Spec of the operation `train-project`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments, RecipeArgument
from tlstudio.specs.spec import OperationSpec


class TrainProjectArguments(OperationArguments):
    """Arguments of `train-project`.

    Attributes:
        project: Folder of the project.
        run: Folder of the run.
        recipe: Settings of the training.
        resume: Continue an interrupted run instead of starting one.
    """

    project: Path
    run: Path
    recipe: RecipeArgument
    resume: bool = False


SPEC = OperationSpec(
    id="train-project",
    title="Training",
    summary="Trains on the labels and the split of a project.",
    arguments=TrainProjectArguments,
    resumable=True,
)
