"""Spec of the operation `compare`."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec

TOLD = ("text", "differences")
"""Keys of what people read of a comparison besides the fixed object: sentences, and what differs."""


class CompareArguments(OperationArguments):
    """Arguments of `compare`.

    Attributes:
        runs: Folders of two or more finished runs; each of the others is compared with the first.
    """

    runs: tuple[Path, ...] = Field(min_length=2)


SPEC = OperationSpec(
    id="compare",
    title="Comparing runs",
    summary="compare runs with a first one, on the same test images",
    arguments=CompareArguments,
)
