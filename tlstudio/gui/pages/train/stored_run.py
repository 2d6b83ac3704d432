"""A run read from its folder, for a page that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tlstudio.core.errors import UserError
from tlstudio.core.events import JobSucceeded
from tlstudio.evaluation.evaluation import Evaluation
from tlstudio.evaluation.run_result import RunResult, read_run_result
from tlstudio.project.history import RunHistory
from tlstudio.project.runs import RunFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """A run as its folder has it.

    Attributes:
        run: Whose folder it is.
        history: After all its events.
        recipe: Its settings as plain values; empty when they cannot be read.
        finished: Whether it has its final metrics.
        resumable: Whether it can be resumed from a checkpoint.
        result: Its final metrics; None before, and when they cannot be read.
    """

    run: RunFolder
    history: RunHistory
    recipe: dict[str, Any]
    finished: bool
    resumable: bool
    result: RunResult | None = None

    @property
    def evaluation(self) -> Evaluation | None:
        """The evaluation behind the figure that the run ends with."""
        return self.result.reported if self.result is not None else None


def read_stored_run(run: RunFolder) -> StoredRun:
    """Read a run's events and settings. Slow for long runs; call it off the GUI thread."""
    history = RunHistory(run.read_events())
    recipe, metrics = _read_if_possible(run, run.recipe), _read_if_possible(run, run.metrics)
    if metrics and history.final is None:
        # The end of a job is sent to the window, not written by the run; its metrics are the proof of it.
        history.add(JobSucceeded(run_id=run.path.name, result=metrics))
    return StoredRun(
        run=run,
        history=history,
        recipe=recipe,
        finished=run.finished,
        resumable=run.last_checkpoint.exists() and not run.finished,
        result=_result(run) if run.finished else None,
    )


def _result(run: RunFolder) -> RunResult | None:
    try:
        return read_run_result(run)
    except (UserError, OSError):
        return None


def _read_if_possible(run: RunFolder, path: Path) -> dict[str, Any]:
    try:
        return run.read_json(path)
    except (UserError, OSError):
        return {}
