"""Errors whose message says what happened, what it means for the work, and what to do."""

from __future__ import annotations

import errno
import math
import os


class UserError(Exception):
    """Something the person can mend: wrong input, a full disk, a file that does not fit.

    Args:
        what: One sentence: what happened. No full stop is added.
        mend: One sentence: what to do about it.
        work: What it means for the work done so far, e.g. "Nothing was lost."
        goes_on: Whether the same work can go on from what is saved, once this is mended.
    """

    def __init__(self, what: str, *, mend: str, work: str = "", goes_on: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.mend = mend
        self.work = work
        self.goes_on = goes_on

    def __str__(self) -> str:
        return " ".join(part for part in (self.what, self.work, self.mend) if part)


class Cancelled(Exception):
    """Raised inside an engine function at the first safe point after a request to cancel."""


class DiskFullError(OSError):
    """A full disk, with the space that is missing.

    Args:
        number: errno.ENOSPC or errno.EDQUOT.
        place: What did not fit.
        missing_bytes: None when it is not known.
    """

    def __init__(self, number: int, place: str, *, missing_bytes: int | None) -> None:
        super().__init__(number, os.strerror(number), place)
        self.missing_bytes = missing_bytes


OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "bad_alloc")
"""Parts of torch's messages about exhausted memory, always plain RuntimeErrors."""

ONEDNN_OUT_OF_MEMORY = ("could not create a primitive", "could not create a memory object")
"""Whole messages of oneDNN, torch's library for processors, when memory was exhausted."""


def is_disk_full(error: OSError) -> bool:
    """Return whether an error says that a disk or a quota is full."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error of Python, torch or the system says that memory is exhausted."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if isinstance(error, RuntimeError):
        message = str(error).lower().strip()
        return message in ONEDNN_OUT_OF_MEMORY or any(words in message for words in OUT_OF_MEMORY)
    return isinstance(error, MemoryError)


def out_of_memory(when: str = "") -> UserError:
    """Make the error for exhausted memory.

    Args:
        when: What was being done, e.g. "with one image at a time".
    """
    return UserError(
        f"This computer ran out of memory{' ' if when else ''}{when}.",
        work="Everything saved before stays.",
        mend="Close other programs and try again; if that is not enough, take a smaller backbone or a "
        "higher freeze line.",
        goes_on=True,
    )


def from_os_error(error: OSError) -> UserError:
    """Turn an operating-system error into a `UserError`.

    Args:
        error: Any `OSError`; its `filename`, when present, is named in the sentence.

    Returns:
        The `UserError` to show; exit code 2 on the command line.
    """
    if is_out_of_memory(error):
        return out_of_memory()
    place = f" ({error.filename})" if error.filename else ""
    kept = "Everything saved before stays."
    if is_disk_full(error):
        missing = error.missing_bytes if isinstance(error, DiskFullError) else None
        room = "some space" if missing is None else f"at least {math.ceil(missing / 1e6)} MB there"
        return UserError(
            f"The disk is full{place}.",
            work=kept,
            mend=f"Free {room}, then try again.",
            goes_on=True,
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return UserError(
            f"There is no permission to read or write here{place}.",
            work=kept,
            mend="Choose another folder, or ask for the rights to this one.",
        )
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return UserError(
            f"A file is in the way where a folder is needed{place}.",
            work=kept,
            mend="Choose another name, or move that file.",
        )
    if error.errno == errno.ENOENT:
        return UserError(
            f"This file or folder is not there{place}.",
            work=kept,
            mend="Check the name, and that the drive is plugged in.",
        )
    if error.errno == errno.EISDIR:
        return UserError(f"This is a folder, not a file{place}.", mend="Give the name of a file.")
    if error.errno == errno.ENAMETOOLONG:
        return UserError(f"This name is too long{place}.", mend="Use a shorter name.")
    if error.errno == errno.EIO:
        return UserError(
            f"The drive could not be read or written{place}.",
            work=kept,
            mend="Check the drive and its cable, then try again.",
            goes_on=True,
        )
    return UserError(f"{error.strerror or error}{place}.", work=kept, mend="Try again.")
