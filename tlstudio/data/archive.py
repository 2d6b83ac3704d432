"""Unpacks a zip file of images into a folder, however the file was made."""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tlstudio.core.control import Control
from tlstudio.core.errors import DiskFullError, UserError
from tlstudio.core.events import Emit, StageStarted, WarningRaised
from tlstudio.core.progress import ThrottledProgress
from tlstudio.data.naming import is_hidden, printable

STAGE = "unpack"
PIECE_BYTES = 1 << 20
UNICODE_NAME, ENCRYPTED = 0x800, 0x1
"""Flags of an entry."""
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)
"""Errors of the zip library for damaged files and unknown ways of packing."""
_BAD_NAMES = (errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.EILSEQ, errno.EINVAL)
"""Errors about one file only, such as a name that is taken by a folder; other errors concern all files."""
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f]') if os.name == "nt" else re.compile(r"\x00")


def is_zip(path: Path) -> bool:
    """Return whether a path is a file with the name of a zip file; it may be damaged."""
    return path.suffix.lower() == ".zip" and path.is_file()


def unpack_zip(archive: Path, folder: Path, *, run_id: str, emit: Emit, control: Control) -> None:
    """Unpack a zip file; the folder exists only when all of it is there.

    Files of the operating system are left out. A link and an entry that cannot be unpacked are left out and
    named in a warning.

    Args:
        archive: The zip file; it is only read.
        folder: Must not exist; made.
        run_id: Written into events.
        emit: Receives progress.
        control: Checked for every piece of a file.

    Raises:
        UserError: No zip file, damaged, protected by a password, or too large for the disk.
        Cancelled: The person cancelled; nothing is left behind.
        OSError: The disk is full or not writable.
    """
    partial = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = list(_entries(opened))
            if not entries:
                raise UserError(
                    f"There is no file in {archive.name}.", mend="Drop a zip file that holds images."
                )
            _check_room(folder, needed_bytes=sum(info.file_size for info, _ in entries))
            emit(
                StageStarted(
                    run_id=run_id, stage=STAGE, title=f"Unpacking {archive.name}", total=len(entries)
                )
            )
            progress = ThrottledProgress(len(entries), stage=STAGE, run_id=run_id, emit=emit)
            refused: list[tuple[str, str]] = []
            for info, path in progress.passed(entries):
                reason = _unpack(opened, info, partial / path, control=control)
                if reason is not None:
                    refused.append((printable(str(path)), reason))
        if len(refused) == len(entries):
            raise _damaged(archive, refused[0][1])
        partial.rename(folder)
    except _DAMAGED as error:
        raise _damaged(archive, str(error)) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    if refused:
        share = f"{len(refused)} of {len(entries)} files in {archive.name}"
        message = f"{share} could not be unpacked and were left out."
        paths, reasons = zip(*refused, strict=True)
        emit(
            WarningRaised(
                run_id=run_id, code="damaged-entries", message=message, paths=paths, reasons=reasons
            )
        )


def _unpack(opened: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, *, control: Control) -> str | None:
    """Unpack one file; the reason when that is impossible."""
    if stat.S_ISLNK(info.external_attr >> 16):
        return "It is a link to another file, not a file."
    try:
        target = _free_place(target)
        with opened.open(info) as source, target.open("wb") as out:
            while piece := source.read(PIECE_BYTES):
                control.check()
                out.write(piece)
    except _DAMAGED as error:
        target.unlink(missing_ok=True)
        return f"It could not be unpacked ({error})."
    except OSError as error:
        if error.errno not in _BAD_NAMES:
            raise
        return f"Its name cannot be used on this computer ({error.strerror})."
    return None


def _entries(opened: zipfile.ZipFile) -> Iterator[tuple[zipfile.ZipInfo, Path]]:
    """The files to unpack, and where: never outside of the folder."""
    for info in opened.infolist():
        name = _name(info).replace("\\", "/")
        parts = PurePosixPath(name).parts
        # Not info.is_dir(), which fails for an entry without a name.
        if name.endswith("/") or any(is_hidden(part) for part in parts if part != ".."):
            continue
        kept = [_FORBIDDEN.sub("_", part).rstrip(" .") for part in parts if part not in ("/", "..")]
        kept = [part for part in kept if part]
        if not kept:
            continue
        if info.flag_bits & ENCRYPTED:
            raise UserError(
                f"{opened.filename} is protected by a password.",
                mend="Unpack it with the program that made it, and drop the folder.",
            )
        yield info, Path(*kept)


def _name(info: zipfile.ZipInfo) -> str:
    """The name of an entry; programs that do not mark UTF-8 names often use UTF-8 all the same."""
    if info.flag_bits & UNICODE_NAME:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _check_room(folder: Path, *, needed_bytes: int) -> None:
    place = next(parent for parent in folder.parents if parent.exists())
    missing = needed_bytes - shutil.disk_usage(place).free
    if missing > 0:
        raise DiskFullError(errno.ENOSPC, str(place), missing_bytes=missing)


def _free_place(target: Path) -> Path:
    """The place of a file, with a number when it is taken: an archive may hold a name twice."""
    target.parent.mkdir(parents=True, exist_ok=True)
    place, number = target, 2
    while place.exists():
        place = target.with_name(f"{target.stem} {number}{target.suffix}")
        number += 1
    return place


def _damaged(archive: Path, reason: str) -> UserError:
    return UserError(
        f"{archive.name} is damaged or no zip file ({reason}).",
        mend="Copy or download it again, or unpack it yourself and drop the folder.",
    )
