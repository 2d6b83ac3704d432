"""Spec of the operation `unpack`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class UnpackArguments(OperationArguments):
    """Arguments of `unpack`.

    Attributes:
        archive: A zip file of images.
    """

    archive: Path


SPEC = OperationSpec(
    id="unpack",
    title="Unpacking",
    summary="Unpacks a zip file of images into the folder of a project, once.",
    arguments=UnpackArguments,
)
