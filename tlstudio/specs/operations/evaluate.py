"""Spec of the operation `evaluate`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class EvaluateArguments(OperationArguments):
    """Arguments of `evaluate`.

    Attributes:
        run: Folder of a run.
        images: A labelled folder to evaluate on; without, the figures of the run's own test images.
    """

    run: Path
    images: Path | None = None


SPEC = OperationSpec(
    id="evaluate",
    title="Evaluating",
    summary="figures on the run's test images or another folder",
    arguments=EvaluateArguments,
)
