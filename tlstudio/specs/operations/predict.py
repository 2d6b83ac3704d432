"""Spec of the operation `predict`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class PredictArguments(OperationArguments):
    """Arguments of `predict`.

    Attributes:
        model: A run, its best.safetensors, or an exported model.
        paths: Files, folders and patterns such as `*.jpg`; folders are read with everything below them.
        csv: Table that also receives the predictions, each as it is made; it is continued when it holds
            predictions of the same model.
        restart: Whether what the table holds is replaced instead.
        copy_to: Folder that receives a copy of every image, in one folder per class.
        probabilities: Whether the result holds the probability of every class; a CSV file always does.
    """

    model: Path
    paths: tuple[Path, ...]
    csv: Path | None = None
    restart: bool = False
    copy_to: Path | None = None
    probabilities: bool = True


SPEC = OperationSpec(
    id="predict",
    title="Classifying images",
    summary="classes of files and folders",
    arguments=PredictArguments,
)
