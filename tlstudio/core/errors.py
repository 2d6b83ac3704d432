"""What can go wrong, told to the person it concerns."""

from __future__ import annotations

import errno


class UserError(Exception):
    """Something the person can mend: wrong input, a full disk, a file that does not fit.

    Args:
        what: One sentence: what happened. No full stop is added.
        mend: One sentence: what to do about it.
        work: What it means for the work done so far, e.g. "Nothing was lost."
    """

    def __init__(self, what: str, *, mend: str, work: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.mend = mend
        self.work = work

    def __str__(self) -> str:
        return " ".join(part for part in (self.what, self.work, self.mend) if part)


class Cancelled(Exception):
    """Raised inside an engine function at the first safe point after a request to cancel."""


def from_os_error(error: OSError) -> UserError:
    """Turn an operating-system error into a sentence with its mend.

    Args:
        error: Any `OSError`; its `filename`, when present, is named in the sentence.

    Returns:
        The `UserError` to show; exit code 2 on the command line.
    """
    place = f" ({error.filename})" if error.filename else ""
    kept = "Everything saved before stays."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return UserError(
            f"The disk is full{place}.",
            work=kept,
            mend="Free some space, then try again; training goes on with --resume, or by pressing Resume.",
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
        )
    return UserError(f"{error.strerror or error}{place}.", work=kept, mend="Try again.")
