"""Contents of the comparison of runs, read from their folders outside the GUI thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tlstudio.core.errors import UserError, from_os_error
from tlstudio.evaluation.run_summary import RunSummary, summarise
from tlstudio.gui.number_text import backbone_title
from tlstudio.gui.pages.home.recent_projects import run_name
from tlstudio.project.history import RunHistory
from tlstudio.project.run_notes import Notes, RunNote
from tlstudio.project.runs import RunFolder

if TYPE_CHECKING:  # these import numpy or pydantic
    from tlstudio.evaluation.run_comparison import RunComparison
    from tlstudio.report.run_differences import Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run of the table.

    Attributes:
        summary: Its figures.
        backbone: Title of its backbone.
        note: What the person noted about it.
        data_version: Runs of the same images and labels have the same number, from 1 for the oldest; 0 where
            that is not known.
    """

    summary: RunSummary
    backbone: str
    note: RunNote
    data_version: int

    @property
    def key(self) -> str:
        """Path of its folder."""
        return self.summary.path

    @property
    def name(self) -> str:
        """Its name, as sentences and lists call it."""
        return run_name(self.summary.name, self.note)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRuns:
    """Two runs compared.

    Attributes:
        first: Name of the first run.
        second: Name of the second run.
        columns: Label column to the comparison in it; empty when they cannot be compared.
        problem: Why they cannot.
        differences: What differs between their settings and data.
        curves: What the view of their curves takes.
    """

    first: str
    second: str
    columns: Mapping[str, RunComparison] = field(default_factory=dict)
    problem: str = ""
    differences: tuple[Difference, ...] = ()
    curves: Mapping[str, Any] = field(default_factory=dict)


def read_rows(runs: Sequence[RunFolder], notes: Notes) -> list[RunRow]:
    """Read the rows of the table. Slow for unfinished runs: not for the GUI thread.

    Args:
        runs: Oldest first.
        notes: What the person noted about them.
    """
    summaries = [summarise(run) for run in runs]
    known = list(dict.fromkeys(one.data_sha256 for one in summaries if one.data_sha256))
    return [
        RunRow(
            summary=summary,
            backbone=backbone_title(summary.backbone),
            note=notes.get(summary.name, RunNote()),
            data_version=known.index(summary.data_sha256) + 1 if summary.data_sha256 else 0,
        )
        for summary in summaries
    ]


def read_comparison(first: RunRow, second: RunRow, *, images_root: Path) -> ComparedRuns:
    """Compare two finished runs. Slow for older runs: not for the GUI thread.

    Args:
        first: The one to compare with.
        second: The one that the difference is of.
        images_root: Where the project's images lie now.
    """
    from tlstudio.evaluation.run_comparison import compare_runs
    from tlstudio.report.history_values import curve_values
    from tlstudio.report.run_differences import run_differences

    names = (first.name, second.name)
    runs = [RunFolder(Path(row.key)) for row in (first, second)]
    problem = ""
    columns: Mapping[str, RunComparison] = {}
    differences: tuple[Difference, ...] = ()
    try:
        differences = run_differences(*runs)
        (columns,) = compare_runs(runs[0], runs[1:], names=names, images_root=images_root)
    except (UserError, OSError) as error:
        problem = str(error if isinstance(error, UserError) else from_os_error(error))
    curves = [
        {"name": name, **curve_values(RunHistory(run.read_events()))}
        for name, run in zip(names, runs, strict=True)
    ]
    return ComparedRuns(
        first=first.name,
        second=second.name,
        columns=columns,
        problem=problem,
        differences=differences,
        curves={"runs": curves},
    )
