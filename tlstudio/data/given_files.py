"""Finds the files to predict: those named, those that a pattern matches, and all below the folders named."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.types import ProblemFile
from tlstudio.data.naming import natural_key, printable
from tlstudio.data.sniff import sidecar_reason
from tlstudio.data.walk import walk_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenFiles:
    """The files that some paths stand for.

    Attributes:
        files: Those that may be images, in order.
        problems: Places that could not be entered, and names that are not text; their paths are whole.
        side_files: Files in folders, or matched by a pattern, whose names say that they are no images, such
            as the .xmp beside a photo.
        hidden_files: Number of hidden files in folders, which are passed over.
    """

    files: tuple[Path, ...]
    problems: tuple[ProblemFile, ...]
    side_files: tuple[Path, ...]
    hidden_files: int = 0


def find_given_files(paths: Sequence[Path], *, control: Control) -> GivenFiles:
    """Find the files that some paths stand for.

    A file that is named is always taken. Folders are walked as a scan does. A pattern such as `*.jpg`, where
    no file has that very name, is expanded, for shells that do not do it.

    Args:
        paths: Files, folders and patterns.
        control: Checked once per folder.

    Raises:
        UserError: One of the paths is missing, or there is no file that may be an image.
        Cancelled: The person cancelled.
    """
    files: list[Path] = []
    side_files: list[Path] = []
    problems: list[ProblemFile] = []
    hidden = 0

    def sort_out(found: Iterable[Path]) -> None:
        for file in found:
            (files if sidecar_reason(file.name) is None else side_files).append(file)

    for path in paths:
        named = [path] if os.path.lexists(path) or not glob.has_magic(str(path)) else _matches(path)
        for place in named:
            if place.is_dir():
                found = walk_folder(place, control=control)
                sort_out(place / file for file in found.files)
                hidden += found.hidden_files
                problems += [
                    ProblemFile(
                        path=str(place / problem.path),
                        code=problem.code,
                        reason=problem.reason,
                        mend=problem.mend,
                    )
                    for problem in found.problems
                    if problem.code != "linked-twice"  # its files are found under the other path
                ]
            elif place is not path:
                sort_out([place])
            elif place.exists():
                files.append(place)
            else:
                raise UserError(
                    f"{printable(str(place))} is not there.",
                    mend="Check the name, and that the drive is plugged in.",
                )
    if not files and not problems:
        places = ", ".join(printable(str(path)) for path in paths)
        raise UserError(f"There is no image in {places}.", mend="Give images, or a folder that holds some.")
    return GivenFiles(
        files=tuple(files), problems=tuple(problems), side_files=tuple(side_files), hidden_files=hidden
    )


def _matches(pattern: Path) -> list[Path]:
    # Path.glob takes no absolute patterns.
    found = sorted(glob.glob(str(pattern), recursive=True), key=natural_key)  # noqa: PTH207
    if not found:
        raise UserError(
            f"No file matches {printable(str(pattern))}.",
            mend="Check the folder and the ending, or give the folder itself.",
        )
    return [Path(name) for name in found]
