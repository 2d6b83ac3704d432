"""Scans a folder of images: every file becomes an image or a problem, or is counted as hidden.

A class is a folder directly below the root, with everything at any depth in it. Images directly in the root
have no class yet. Folder names that differ only in how accents are encoded (composed or decomposed, as Linux
and macOS do) are one class; names that differ in case are two.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tlstudio.compute.read_ahead import map_ahead, plain_pool
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset, Image, labels_of
from tlstudio.core.errors import UserError, from_os_error
from tlstudio.core.events import Emit, StageStarted, ignore
from tlstudio.core.progress import ThrottledProgress
from tlstudio.core.types import ProblemFile
from tlstudio.data.decode import PixelSink, UnreadableImageError, check_file
from tlstudio.data.formats import READERS
from tlstudio.data.groups import LABELS_FILE, find_groups
from tlstudio.data.naming import class_names, natural_key, printable
from tlstudio.data.sniff import sidecar_reason
from tlstudio.data.walk import FoundFile, walk_folder

STAGE = "scan"
AHEAD = 8


def scan_folder(
    root: Path,
    *,
    groups: str | None = None,
    run_id: str = "",
    emit: Emit = ignore,
    control: Control | None = None,
    threads: int = 2,
    sink: PixelSink | None = None,
) -> Dataset:
    """Find, decode and hash every image below a folder.

    Args:
        root: The folder; one subfolder per class.
        groups: Column of `labels.csv` in the root (whose column `image` holds the path), or a regular
            expression searched in the relative path: its first group, or the whole match, names the group.
        run_id: Run id in the events.
        emit: Receives `StageStarted` and at most twenty `StageProgress` a second.
        control: Checked once per file.
        threads: Number of files decoded at the same time.
        sink: See `check_file`.

    Returns:
        Images and problems sorted by path, independent of the number of threads.

    Raises:
        UserError: No such folder, no permission, nothing usable in it, or `groups` does not fit.
        Cancelled: The person cancelled.
    """
    control = control or Control()
    root = _existing_folder(root)
    READERS.walk()
    found = walk_folder(root, control=control)
    names = class_names(found.class_folders)

    checks: list[FoundFile] = []
    problems = list(found.problems)
    for file in found.files:
        if file.path == LABELS_FILE:
            continue
        sidecar = sidecar_reason(file.path)
        if sidecar:
            problems.append(
                ProblemFile(path=file.path, code="not-an-image", reason=sidecar[0], mend=sidecar[1])
            )
        else:
            checks.append(file)

    images: list[Image] = []
    emit(StageStarted(run_id=run_id, stage=STAGE, title="Reading your images", total=len(checks)))
    progress = ThrottledProgress(len(checks), stage=STAGE, run_id=run_id, emit=emit)
    for outcome in _check_all(root, checks, names=names, threads=threads, control=control, sink=sink):
        if isinstance(outcome, Image):
            images.append(outcome)
        else:
            problems.append(outcome)
        progress.step()
    if not images:
        raise _nothing_usable(root, problems)
    if groups:
        images = find_groups(root, images, groups=groups)
    used = {image.label() for image in images}
    return Dataset.of_folder(
        root,
        images=sorted(images, key=lambda image: image.path),
        problems=sorted(problems, key=lambda problem: problem.path),
        classes=sorted({name for name in used if name is not None}, key=natural_key),
        empty_classes=sorted(set(names.values()) - used, key=natural_key),
        hidden_files=found.hidden_files,
    )


def _existing_folder(root: Path) -> Path:
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
                mend="Give the folder that holds one subfolder of images per class.",
            )
    except OSError as error:
        raise from_os_error(error) from error
    return root


def _check_all(
    root: Path,
    files: list[FoundFile],
    *,
    names: dict[str, str],
    threads: int,
    control: Control,
    sink: PixelSink | None,
) -> Iterator[Image | ProblemFile]:
    """Check files in threads and yield the outcomes in the given order, holding few at a time."""

    def check(file: FoundFile) -> Image | ProblemFile:
        control.check()
        try:
            sha256, image = check_file(root / file.path, sink=sink)
        except UnreadableImageError as error:
            return ProblemFile(path=file.path, code=error.code, reason=error.reason, mend=error.mend)
        return Image(
            path=file.path,
            sha256=sha256,
            labels=labels_of(names[file.class_folder] if file.class_folder is not None else None),
            width=image.width,
            height=image.height,
            notes=image.notes,
            values=image.values,
        )

    make_pool = plain_pool if sink is None else sink.make_pool
    ahead = AHEAD * threads
    yield from map_ahead(check, files, threads=threads, ahead=ahead, name="scan", make_pool=make_pool)


def _nothing_usable(root: Path, problems: list[ProblemFile]) -> UserError:
    place = printable(str(root))
    if not problems:
        return UserError(
            f"The folder {place} is empty.",
            mend="Give a folder that holds one subfolder of images per class.",
        )
    first = min(problems, key=lambda problem: problem.path)
    return UserError(
        f"No usable image is in {place}: {len(problems)} "
        f"{'file was' if len(problems) == 1 else 'files were'} looked at, "
        f"the first is {first.path!r}: {first.reason}",
        mend=first.mend,
    )
