"""Exports a run: writes under a temporary name, checks, moves in place, and lists the export in the run."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, StageStarted, WarningRaised, ignore
from tlstudio.core.files import name_in_errors
from tlstudio.core.leftovers import process_tag, remove_old
from tlstudio.core.types import Parity
from tlstudio.core.wording import count
from tlstudio.data.walk import walk_folder
from tlstudio.evaluation.run_split import read_run_split
from tlstudio.export.card import build_card
from tlstudio.export.formats import export_format
from tlstudio.export.parity import PARITY_ORDER, WANTED_IMAGES, check_parity, choose_images
from tlstudio.models.classifier import load_classifier
from tlstudio.project.images_root import find_images_root, images_are_gone
from tlstudio.project.run_exports import (
    StoredExport,
    exports_are_damaged,
    exports_file,
    list_exports,
    write_exports,
)
from tlstudio.project.runs import RunFolder
from tlstudio.specs import EXPORTS
from tlstudio.specs.recipe import read_recipe
from tlstudio.specs.spec import ExportSpec

TEMPORARY = ".export."
"""Beginning of the names of temporary folders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportResult:
    """An export that was checked.

    Attributes:
        file: The file or folder.
        bytes: Its size, of all files together.
        parity: How its predictions compare with the classifier's.
    """

    file: Path
    bytes: int
    parity: Parity


def export_run(
    run: RunFolder,
    *,
    format_id: str,
    out: Path,
    images_root: Path | None = None,
    run_id: str = "",
    emit: Emit = ignore,
    control: Control | None = None,
) -> ExportResult:
    """Export the best checkpoint of a run.

    Args:
        run: A finished run.
        format_id: Id of an export format.
        out: The file or folder to write; an older export of that name is replaced.
        images_root: Where the run's images are now; None takes the place that the recipe names.
        run_id: Written into events.
        emit: Receives progress.
        control: Checked between steps.

    Returns:
        What was written and how it compares. `exports/exports.json` of the run lists it.

    Raises:
        UserError: Unknown format, unfinished run, missing images, a place that cannot be written to, or an
            export that does not predict the same; nothing is written then.
        Cancelled: The person cancelled; nothing is written.
    """
    control = control or Control()
    if format_id not in EXPORTS:
        names = ", ".join(EXPORTS.ids())
        raise UserError(f"There is no export format “{format_id}”.", mend=f"Choose one of: {names}.")
    spec, out = EXPORTS.get(format_id), out.absolute()
    _check_place(out, spec)
    control.check()
    run.read_json(run.metrics)  # else an unfinished run would be told that a file of its own is missing
    classifier = load_classifier(run.best_checkpoint)
    card = build_card(run, classifier)
    control.check()
    images = _images(run, images_root, control=control)
    if len(images) < WANTED_IMAGES:
        message = f"The export is checked on {count(len(images), 'image')}: the run has no more."
        emit(WarningRaised(run_id=run_id, code="few-images", message=message))
    emit(StageStarted(run_id=run_id, stage="export", title="Writing the model"))
    control.check()
    with _moved_in_place(out) as temporary:
        export_format(spec).write(classifier, temporary, card=card)
        control.check()
        parity = check_parity(
            temporary, classifier, images, spec=spec, run_id=run_id, emit=emit, control=control
        )
    result = ExportResult(file=out, bytes=_size(out), parity=parity)
    if exports_are_damaged(run):
        message = f"{exports_file(run)} could not be read in full; the exported files it listed stay."
        emit(WarningRaised(run_id=run_id, code="damaged-exports", message=message))
    _add_to_list(run, result, format_id=format_id)
    return result


def _images(run: RunFolder, images_root: Path | None, *, control: Control) -> list[Path]:
    recipe, split = read_recipe(run.recipe), read_run_split(run)
    paths = [path for name in PARITY_ORDER for path in split.paths(name)]
    root = find_images_root(run, recipe, paths=paths, given=images_root)
    if root is None:
        raise UserError(
            images_are_gone(run, recipe),
            mend="Put them back, plug in their drive, or say where they are now; an "
            "export is checked on real images.",
        )
    if not paths:  # the run learned from no image, so its split names none
        files = walk_folder(root, control=control).files
        split = replace(split, assignment=dict.fromkeys(files, "test"))
    return choose_images(split, root=root)


def _check_place(out: Path, spec: ExportSpec) -> None:
    if spec.suffix and out.is_dir():
        example = out / f"model{spec.suffix}"
        raise UserError(f"{out} is a folder.", mend=f"Give the name of a file, for example {example}.")
    if not spec.suffix and out.exists() and not _may_be_replaced(out, spec):
        raise UserError(
            f"{out} already exists and is not an export of tlstudio.", mend="Give the name of a new folder."
        )


def _may_be_replaced(folder: Path, spec: ExportSpec) -> bool:
    return folder.is_dir() and (spec.matches(folder) or not any(folder.iterdir()))


@contextmanager
def _moved_in_place(out: Path) -> Iterator[Path]:
    """Yield a temporary path for a file or folder that is moved to `out` only when the block succeeds."""
    with name_in_errors(out), _temporary_beside(out) as temporary:
        yield temporary


@contextmanager
def _temporary_beside(out: Path) -> Iterator[Path]:
    out.parent.mkdir(parents=True, exist_ok=True)
    remove_old(out.parent, prefix=TEMPORARY)
    prefix = f"{TEMPORARY}{process_tag()}."
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=prefix, ignore_cleanup_errors=True) as place:
        temporary, old = Path(place, "new", out.name), Path(place, "old")
        temporary.parent.mkdir()
        yield temporary
        if out.is_dir():
            # A folder cannot be replaced in one step; the old one is moved back if the new one fails.
            out.replace(old)
            try:
                temporary.replace(out)
            except OSError:
                old.replace(out)
                raise
            shutil.rmtree(old, ignore_errors=True)
        else:
            temporary.replace(out)


def _size(out: Path) -> int:
    return sum(file.stat().st_size for file in ([out] if out.is_file() else out.rglob("*")) if file.is_file())


def _add_to_list(run: RunFolder, result: ExportResult, *, format_id: str) -> None:
    others = [entry for entry in list_exports(run) if entry.file != str(result.file)]
    made = StoredExport(
        format=format_id,
        file=str(result.file),
        bytes=result.bytes,
        parity=result.parity,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    write_exports(run, [*others, made])
