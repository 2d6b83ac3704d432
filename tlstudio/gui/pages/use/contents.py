"""Reads what the Use page shows of a run, and writes its texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tlstudio.core.errors import UserError
from tlstudio.core.finding import Finding
from tlstudio.core.percent import percent
from tlstudio.core.unknown_words import NO_SCORE, ODD_MEND, is_odd, odd_words
from tlstudio.core.wording import count, named
from tlstudio.evaluation.asking_words import ASK, asked_words
from tlstudio.evaluation.run_result import read_run_result
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
        further: Names of further label columns, each with its classes.
        exports: Newest entry of `exports.json` for each format id.
    """

    run: RunFolder
    ready: bool
    backbone: str
    classes: tuple[str, ...]
    exports: Mapping[str, Mapping[str, Any]]
    further: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


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
        further=_further(run),
    )


def _further(run: RunFolder) -> dict[str, tuple[str, ...]]:
    try:
        columns = list(read_run_result(run).validation.columns.items())
    except (UserError, OSError):
        return {}
    return {name: column.classes for name, column in columns[1:]}


def _exports(run: RunFolder) -> dict[str, Mapping[str, Any]]:
    # Later entries replace earlier ones; a file that was deleted since does not count.
    return {entry.format: asdict(entry) for entry in list_exports(run) if Path(entry.file).exists()}


def prediction_findings(predictions: Sequence[Mapping[str, Any]], *, has_table: bool) -> list[Finding]:
    """Summarise the predictions for a folder: odd images, images per class, and files that were not read.

    Args:
        predictions: As the operation returns them.
        has_table: Whether a table was written, which holds all the reasons.
    """
    counts = Counter(str(entry["class"]) for entry in predictions if not entry.get("error"))
    failed = [entry for entry in predictions if entry.get("error")]
    total = sum(counts.values())
    classes = ", ".join(f"{number} {name}" for name, number in counts.most_common())
    findings = _odd_images(predictions, has_table=has_table)
    findings.append(window_finding("ok", f"{count(total, 'image')} classified: {classes}"))
    for column, further in _counts_of_columns(predictions).items():
        classes = ", ".join(f"{number} {name}" for name, number in further.most_common())
        findings.append(window_finding("ok", f"{column}: {classes}"))
    asked = [entry for entry in predictions if _is_asked(entry)]
    if asked:
        words = f"{count(len(asked), 'answer is', plural='answers are')} not sure enough: {ASK}."
        table = " The column “ask” of the table says which." if has_table else ""
        findings.append(window_finding("warning", f"{words}{table}"))
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


def _odd_images(predictions: Sequence[Mapping[str, Any]], *, has_table: bool) -> list[Finding]:
    """Name the images that are unlike what was taught; they come before all classes."""
    odd = [entry for entry in predictions if is_odd(entry.get("unknown"))]
    if not odd:
        return []
    odd.sort(key=lambda entry: -float(entry["unknown"]))
    names = named([Path(str(entry["path"])).name for entry in odd])
    images = count(len(odd), "image is", plural="images are")
    table = " The column “unknown” of the table says how much." if has_table else ""
    return [
        Finding(
            check="",
            severity="warning",
            message=f"{images} not like what it was taught: {names}.{table}",
            mend="Check them yourself before you use their classes.",
        )
    ]


def odd_finding(entry: Mapping[str, Any]) -> Finding | None:
    """The finding about an image that comes before its class; None when there is nothing to say.

    Args:
        entry: A prediction as the operation returns it.
    """
    if entry.get("error"):
        return None
    unknown = entry.get("unknown")
    if unknown is None:
        return window_finding("note", NO_SCORE)
    words = odd_words(unknown)
    return Finding(check="", severity="warning", message=words, mend=ODD_MEND) if words else None


def _counts_of_columns(predictions: Sequence[Mapping[str, Any]]) -> dict[str, Counter[str]]:
    """The images per class of each further label column."""
    counts: dict[str, Counter[str]] = {}
    for entry in predictions:
        for name, answer in list((entry.get("columns") or {}).items())[1:]:
            counts.setdefault(name, Counter())[str(answer["class"])] += 1
    return counts


def _is_asked(entry: Mapping[str, Any]) -> bool:
    """Return whether a person is asked about an image, in any label column."""
    return any(answer.get("ask") for answer in (entry, *(entry.get("columns") or {}).values()))


def answer_lines(entry: Mapping[str, Any], *, digits: int = 0) -> list[str]:
    """The class of an image with its probability; of several label columns one line each.

    Args:
        entry: A prediction without an error, as the operation returns it.
        digits: Of the percentages.
    """
    columns = entry.get("columns") or {"": entry}
    return [
        f"{f'{name}: ' if name else ''}{answer['class']}  {percent(answer['probability'], digits=digits)}"
        f"{_asked(answer)}"
        for name, answer in columns.items()
    ]


def _asked(answer: Mapping[str, Any]) -> str:
    """Words that follow an answer that is not sure enough; none after others."""
    return f" · not sure enough: {asked_words(answer.get('classes'))}" if answer.get("ask") else ""


def quoted(path: str) -> str:
    """A path as it is typed on a command line, in quotation marks where needed."""
    plain = all(char.isalnum() or char in "/\\._-:~" for char in path)
    return path if plain else f'"{path}"'
