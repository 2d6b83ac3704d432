"""Spec of the operation `find-rate`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments, RecipeArgument
from tlstudio.specs.spec import OperationSpec


class FindRateArguments(OperationArguments):
    """Arguments of `find-rate`.

    Attributes:
        folder: Labelled images.
        recipe: Settings of the fine-tuning; its own rates matter by their ratio alone.
    """

    folder: Path
    recipe: RecipeArgument


SPEC = OperationSpec(
    id="find-rate",
    title="Finding a learning rate",
    summary="find a learning rate for fine-tuning on these images",
    arguments=FindRateArguments,
)
