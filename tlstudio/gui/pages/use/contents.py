"""Reads what the Use page shows of a run, and writes its texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tlstudio.core.errors import UserError
from tlstudio.core.finding import Finding
from tlstudio.core.wording import count
from tlstudio.gui.number_text import backbone_title
from tlstudio.gui.widgets.lists.finding_list import window_finding
from tlstudio.project.run_exports import list_exports
from tlstudio.project.runs import RunFolder

MOST_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class UsableRun:
    """A run as the Use page shows it.

    Attributes:
        run: The run.
        ready: Whether it has a trained classifier.
        backbone: Title of its backbone.
        classes: Class names.
        exports: Newest entry of `exports.json` for each format id.
    """

    run: RunFolder
    ready: bool
    backbone: str
    classes: tuple[str, ...]
    exports: Mapping[str, Mapping[str, Any]]


def read_usable(run: RunFolder) -> UsableRun:
    """Read a run from disk; not to be called in the GUI thread."""
    try:
        recipe = run.read_json(run.recipe)
    except (UserError, OSError):
        recipe = {}
    backbone, classes = recipe.get("backbone"), recipe.get("classes")
    return UsableRun(
        run=run,
        ready=run.finished and run.best_checkpoint.exists(),
        backbone=backbone_title(str(backbone.get("id", "")) if isinstance(backbone, dict) else ""),
        classes=tuple(map(str, classes)) if isinstance(classes, list) else (),
        exports=_exports(run),
    )


def _exports(run: RunFolder) -> dict[str, Mapping[str, Any]]:
    # Later entries replace earlier ones; a file that was deleted since does not count.
    return {entry.format: asdict(entry) for entry in list_exports(run) if Path(entry.file).exists()}


def prediction_findings(predictions: Sequence[Mapping[str, Any]], *, has_table: bool) -> list[Finding]:
    """Summarise the predictions for a folder: images per class, and the files that could not be read.

    Args:
        predictions: As the operation returns them.
        has_table: Whether a table was written, which holds all the reasons.
    """
    counts = Counter(str(entry["class"]) for entry in predictions if not entry.get("error"))
    failed = [entry for entry in predictions if entry.get("error")]
    total = sum(counts.values())
    named = ", ".join(f"{number} {name}" for name, number in counts.most_common())
    findings = [window_finding("ok", f"{count(total, 'image')} classified: {named}")]
    if not total:
        findings = [window_finding("serious", "No image could be read.")]
    if failed:
        files = count(len(failed), "file")
        reasons = "; the reasons are in the table" if has_table else ""
        sentences = [f"{files} could not be read{reasons}."]
        listed = failed[:MOST_NAMED] if has_table else failed
        sentences += [f"{Path(str(entry['path'])).name}: {entry['error']}" for entry in listed]
        findings += [window_finding("warning", sentence) for sentence in sentences]
    return findings


def quoted(path: str) -> str:
    """A path as it is typed on a command line, in quotation marks where needed."""
    plain = all(char.isalnum() or char in "/\\._-:~" for char in path)
    return path if plain else f'"{path}"'
