"""Spec of the operation `predict`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class PredictArguments(OperationArguments):
    """Arguments of `predict`.

    Attributes:
        model: A run, its best.safetensors, or an exported model.
        paths: Files and folders; folders are read with everything below them.
        csv: File that also receives the predictions; it appears when all are done.
        probabilities: Whether the result holds the probability of every class; a CSV file always does.
    """

    model: Path
    paths: tuple[Path, ...]
    csv: Path | None = None
    probabilities: bool = True


SPEC = OperationSpec(
    id="predict",
    title="Classifying images",
    summary="classes of files and folders",
    arguments=PredictArguments,
)
