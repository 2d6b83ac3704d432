"""Files added to a project from anywhere: which images there are in what was dropped, and reading them.

The path of such an image is absolute, with `/`; joined to the folder of the project it stays what it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tlstudio.compute.read_ahead import map_ahead, plain_pool
from tlstudio.core.control import Control
from tlstudio.core.dataset import Image
from tlstudio.core.errors import UserError
from tlstudio.core.known_file import KnownFile
from tlstudio.core.types import ProblemFile
from tlstudio.data.decode import PixelSink, UnreadableImageError
from tlstudio.data.formats import READERS
from tlstudio.data.known_files import check_unless_known
from tlstudio.data.layout.recognise import recognise_layout
from tlstudio.data.naming import class_names
from tlstudio.data.sniff import sidecar_reason
from tlstudio.data.walk import walk_folder

AHEAD = 8


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


def read_added(
    files: Sequence[Path],
    *,
    known: Mapping[str, KnownFile],
    control: Control,
    threads: int = 2,
    sink: PixelSink | None = None,
) -> Iterator[Image | ProblemFile]:
    """Read added files: each becomes an image or a problem, in the given order.

    Args:
        files: Absolute paths.
        known: What was read of them before, by path.
        control: Checked once per file.
        threads: Number of files decoded at the same time.
        sink: See `check_file`.

    Raises:
        Cancelled: The person cancelled.
    """
    READERS.walk()

    def read(file: Path) -> Image | ProblemFile:
        control.check()
        path = file.as_posix()
        try:
            sha256, image = check_unless_known(file, known.get(path), sink=sink)
        except UnreadableImageError as error:
            return ProblemFile(path=path, code=error.code, reason=error.reason, mend=error.mend)
        return Image(
            path=path,
            sha256=sha256,
            width=image.width,
            height=image.height,
            notes=image.notes,
            values=image.values,
        )

    make_pool = plain_pool if sink is None else sink.make_pool
    ahead = AHEAD * threads
    yield from map_ahead(read, files, threads=threads, ahead=ahead, name="added files", make_pool=make_pool)
