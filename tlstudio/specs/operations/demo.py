"""Spec of the operation `demo`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class DemoArguments(OperationArguments):
    """Arguments of `demo`.

    Attributes:
        out: Where images, run, model and report are written.
    """

    out: Path


SPEC = OperationSpec(
    id="demo",
    title="Running the demo",
    summary="sample images → trained, evaluated, exported, report",
    arguments=DemoArguments,
)
