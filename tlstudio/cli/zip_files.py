"""Lets a zip file stand wherever a command takes a folder of images."""

from __future__ import annotations

from pathlib import Path

from tlstudio.core.events import WarningRaised
from tlstudio.data.archive import is_zip
from tlstudio.operations.context import Context
from tlstudio.operations.run import run_operation
from tlstudio.specs.operations.unpack import SPEC, UnpackArguments


def unpacked(path: Path, context: Context) -> Path:
    """The folder of a zip file's images, unpacked the first time and said where; other paths as they are.

    Raises:
        UserError: The zip file cannot be unpacked.
        Cancelled: The person cancelled.
    """
    if not is_zip(path):
        return path
    folder = Path(run_operation(SPEC.id, UnpackArguments(archive=path), context=context)["folder"])
    message = f"{path.name} is unpacked in {folder}."
    context.emit(WarningRaised(run_id=context.run_id, code="unpacked", message=message))
    return folder
