"""Scans a folder of images: every file becomes an image or a problem, or is counted as hidden.

What folders and tables say about the images is found out by `tlstudio.data.layout.interpret`. Classes whose
names differ only in how accents are encoded (composed or decomposed, as Linux and macOS do) are one; names
that differ in case are two.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset, Image
from tlstudio.core.errors import UserError, from_os_error
from tlstudio.core.events import Emit, StageStarted, ignore
from tlstudio.core.known_file import KnownFile
from tlstudio.core.progress import ThrottledProgress
from tlstudio.core.types import ProblemFile
from tlstudio.core.wording import count
from tlstudio.data.check_files import check_files
from tlstudio.data.decode import PixelSink
from tlstudio.data.layout.interpret import HowToRead, interpret
from tlstudio.data.naming import printable
from tlstudio.data.sniff import sidecar_reason
from tlstudio.data.tables.image_table import LABELS_FILE
from tlstudio.data.tables.reading import SUFFIXES as TABLE_SUFFIXES
from tlstudio.data.walk import walk_folder

STAGE = "scan"


def scan_folder(
    root: Path,
    *,
    how: HowToRead | None = None,
    has_classes: bool = True,
    run_id: str = "",
    emit: Emit = ignore,
    control: Control | None = None,
    threads: int = 2,
    sink: PixelSink | None = None,
    known: Mapping[str, KnownFile] | None = None,
) -> Dataset:
    """Find, decode and hash every image below a folder.

    Args:
        root: The folder, or a table of images and their labels, whose folder then counts.
        how: How folders and tables are understood; None recognises what is usual.
        has_classes: Whether the images are to have classes; only messages differ.
        run_id: Run id in the events.
        emit: Receives `StageStarted` and at most twenty `StageProgress` a second.
        control: Checked once per file.
        threads: Number of files decoded at the same time.
        sink: See `check_file`.
        known: Files that need not be read again while they look the same, by path; None reads all.

    Returns:
        Images and problems sorted by path, independent of the number of threads.

    Raises:
        UserError: No such folder, no permission, nothing usable in it, or a column or groups do not fit.
        Cancelled: The person cancelled.
    """
    control, how = control or Control(), how or HowToRead()
    if root.suffix.lower() in TABLE_SUFFIXES and root.is_file():
        root, how = root.parent, replace(how, table=root.name)
    root = _existing_folder(root, has_classes=has_classes)
    found = walk_folder(root, control=control)
    reasons = {file: reason for file in found.files if (reason := sidecar_reason(file)) is not None}
    checks = [file for file in found.files if file not in reasons]
    problems = list(found.problems)
    images: list[Image] = []
    emit(StageStarted(run_id=run_id, stage=STAGE, title="Reading your images", total=len(checks)))
    progress = ThrottledProgress(len(checks), stage=STAGE, run_id=run_id, emit=emit)
    for outcome in check_files(root, checks, known=known or {}, control=control, threads=threads, sink=sink):
        if isinstance(outcome, Image):
            images.append(outcome)
        else:
            problems.append(outcome)
        progress.step()
    if not images:
        unused = [*problems, *_no_images(reasons, tables=(LABELS_FILE,))]
        raise _nothing_usable(root, unused, has_classes=has_classes)
    images.sort(key=lambda image: image.path)
    understood = interpret(root, images, found=found, how=how)
    problems += _no_images(reasons, tables=(LABELS_FILE, *understood.tables))
    return Dataset.of_folder(
        root,
        images=understood.images,
        problems=sorted(problems, key=lambda problem: problem.path),
        classes=understood.classes,
        empty_classes=understood.empty_classes,
        hidden_files=found.hidden_files,
        notes=understood.notes,
    )


def _no_images(reasons: Mapping[str, tuple[str, str]], *, tables: Collection[str]) -> list[ProblemFile]:
    """Files whose names say that they are no images, with reason and mend; without those used as tables."""
    return [
        ProblemFile(path=file, code="not-an-image", reason=reason, mend=mend)
        for file, (reason, mend) in reasons.items()
        if file not in tables
    ]


def _give_folder(*, has_classes: bool) -> str:
    return f"Give a folder that holds {'one subfolder of images per class' if has_classes else 'images'}."


def _existing_folder(root: Path, *, has_classes: bool) -> Path:
    try:
        root = root.expanduser().absolute()
        if not root.exists():
            raise UserError(
                f"There is no folder {printable(str(root))}.",
                mend="Check the name, and that the drive is plugged in.",
            )
        if not root.is_dir():
            raise UserError(
                f"{printable(str(root))} is not a folder.",
                mend=_give_folder(has_classes=has_classes),
            )
    except OSError as error:
        raise from_os_error(error) from error
    return root


def _nothing_usable(root: Path, problems: list[ProblemFile], *, has_classes: bool) -> UserError:
    place = printable(str(root))
    if not problems:
        return UserError(f"The folder {place} is empty.", mend=_give_folder(has_classes=has_classes))
    first = min(problems, key=lambda problem: problem.path)
    return UserError(
        f"No usable image is in {place}: "
        f"{count(len(problems), 'file was', plural='files were')} looked at, "
        f"the first is {first.path!r}: {first.reason}",
        mend=first.mend,
    )
