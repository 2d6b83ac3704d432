"""Lists all files below a folder; follows links, but enters each real folder only once."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from tlstudio.core.control import Control
from tlstudio.core.errors import from_os_error
from tlstudio.core.files import OWN_PREFIX
from tlstudio.core.types import ProblemFile
from tlstudio.data.naming import is_hidden, is_text, printable


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The files below a folder.

    Attributes:
        files: Paths of files that may be images, relative to the root, with `/`, sorted.
        problems: Folders that could not be entered and names that are not text, in no particular order.
        folders: Paths of all folders below the root, also those without files, sorted.
        hidden_files: Number of hidden files, those within hidden folders included.
    """

    files: tuple[str, ...]
    problems: tuple[ProblemFile, ...]
    folders: tuple[str, ...]
    hidden_files: int


def walk_folder(root: Path, *, control: Control) -> Found:
    """List all files below a folder, at any depth.

    Real folders are read before linked ones, and each real folder once: a link to a parent folder, or to a
    folder that was read already, is not followed and listed as a problem.

    Raises:
        UserError: The root itself cannot be listed.
        Cancelled: The person cancelled; checked once per folder.
    """
    files: list[str] = []
    problems: list[ProblemFile] = []
    below: list[str] = []
    hidden = 0
    seen = {_identity(root)}
    folders: deque[str] = deque([""])
    links: deque[str] = deque()
    while folders or links:
        control.check()
        folder = folders.popleft() if folders else links.popleft()
        here = root / folder
        try:
            if folder:
                identity = _identity(here)
                if identity in seen:
                    problems.append(_seen_before(folder))
                    continue
                seen.add(identity)
            with os.scandir(here) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            if not folder:
                raise from_os_error(error) from error
            problems.append(_closed_folder(folder, error))
            continue
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            is_folder = _is_folder(entry)
            if entry.name.startswith(OWN_PREFIX):
                continue
            if is_hidden(entry.name):
                hidden += _count_files(here / entry.name) if is_folder and not entry.is_symlink() else 1
            elif is_folder:
                if is_text(path):
                    below.append(path)
                (links if entry.is_symlink() else folders).append(path)
            elif not is_text(path):
                problems.append(_bad_name(path))
            else:
                files.append(path)
    return Found(
        files=tuple(sorted(files)),
        problems=tuple(problems),
        folders=tuple(sorted(below)),
        hidden_files=hidden,
    )


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        # A link to itself; treated as a file it is reported as unreadable.
        return False


def _count_files(folder: Path) -> int:
    return sum(len(names) for _, _, names in os.walk(folder))


def _seen_before(folder: str) -> ProblemFile:
    return ProblemFile(
        path=printable(folder),
        code="linked-twice",
        reason="This link leads to a folder that is read already, or back to where it lies.",
        mend="Nothing to do, or remove the link.",
    )


def _closed_folder(folder: str, error: OSError) -> ProblemFile:
    user_error = from_os_error(error)
    return ProblemFile(
        path=printable(folder),
        code="no-permission" if isinstance(error, PermissionError) else "unreadable",
        reason=f"The folder could not be opened ({error.strerror}).",
        mend=user_error.mend,
    )


def _bad_name(path: str) -> ProblemFile:
    return ProblemFile(
        path=printable(path),
        code="bad-name",
        reason="The name holds bytes that are not text, as after unpacking an old archive.",
        mend="Rename the file or its folder with ordinary letters.",
    )
