"""Unpacks a zip file of images into the folder of a project."""

from __future__ import annotations

from tlstudio.core.files import sha256_of, write_json
from tlstudio.core.text_files import read_json_or_none
from tlstudio.data.archive import unpack_zip
from tlstudio.operations.context import Context, Values
from tlstudio.project.home import homes_named
from tlstudio.specs.operations.unpack import UnpackArguments

MARKER = "unpacked.json"
IMAGES = "images"


def unpack(arguments: UnpackArguments, context: Context) -> Values:
    """Unpack a zip file, unless it was unpacked before: `{"folder", "name"}`, of the images and the project.

    Raises:
        UserError: It cannot be unpacked.
    """
    about = {"sha256": sha256_of(arguments.archive)}
    for home in homes_named(arguments.archive.stem.strip() or IMAGES):
        folder = home / IMAGES
        if read_json_or_none(home / MARKER) == about and folder.is_dir():
            break
        if not home.exists():
            unpack_zip(
                arguments.archive, folder, run_id=context.run_id, emit=context.emit, control=context.control
            )
            write_json(home / MARKER, about)
            break
    return {"folder": str(folder), "name": home.name}


IMPLEMENTATION = unpack
