"""Files added to a project from anywhere: which images there may be in what was dropped.

The path of such an image is absolute, with `/`; joined to the folder of the project it stays what it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.data.layout.recognise import recognise_layout
from tlstudio.data.naming import class_names
from tlstudio.data.sniff import sidecar_reason
from tlstudio.data.walk import walk_folder


@dataclass(frozen=True, slots=True)
class AddedFile:
    """A file to be added.

    Attributes:
        file: Absolute path.
        class_folder: The class that its folder names; None without one.
    """

    file: Path
    class_folder: str | None = None


def files_in(path: Path, *, control: Control) -> list[AddedFile]:
    """The files that may be images in what was dropped; hidden files and known sidecars are passed over.

    Args:
        path: A file, or a folder, whose sub-folders are understood as those of a project.
        control: Checked once per folder.

    Raises:
        UserError: It is missing or cannot be read.
        Cancelled: The person cancelled.
    """
    path = path.expanduser().absolute()
    if path.is_dir():
        found = walk_folder(path, control=control)
        paths = [file for file in found.files if sidecar_reason(file) is None]
        layout = recognise_layout(paths, choice="auto")
        names = class_names(layout.class_folders(found.folders))
        folders = ((file, layout.meaning(file).class_folder) for file in paths)
        return [
            AddedFile(path / file, names[folder] if folder is not None else None) for file, folder in folders
        ]
    if not path.exists():
        raise UserError(f"{path} is not there.", mend="Check that its drive is plugged in, then try again.")
    return [AddedFile(path)]
