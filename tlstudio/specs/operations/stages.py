"""Spec of the operation `stages`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class StagesArguments(OperationArguments):
    """Arguments of `stages`.

    Attributes:
        backbone: Id of the backbone.
        weights_file: Pretrained weights from a file.
    """

    backbone: str
    weights_file: Path | None = None


SPEC = OperationSpec(
    id="stages",
    title="Reading the backbone",
    summary="Lists the stages of a backbone; with a weights file, says whether it fits.",
    arguments=StagesArguments,
)
