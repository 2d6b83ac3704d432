"""Spec of the operation `sample`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class SampleArguments(OperationArguments):
    """Arguments of `sample`.

    Attributes:
        sample: Id of the sample.
        out: Folder for the images; a place in the cache when it is left out.
    """

    sample: str
    out: Path | None = None


SPEC = OperationSpec(
    id="sample",
    title="Making sample images",
    summary="Draws the images of a sample, once.",
    arguments=SampleArguments,
)
