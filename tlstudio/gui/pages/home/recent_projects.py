"""Recent projects and runs for the home page, read from disk off the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from tlstudio.core.errors import UserError
from tlstudio.core.percent import percent
from tlstudio.evaluation.run_summary import RunSummary, summarise
from tlstudio.gui.number_text import percent_interval
from tlstudio.project.history import RunHistory
from tlstudio.project.recent import RecentProject, recent_projects
from tlstudio.project.run_notes import RunNote
from tlstudio.project.runs import RunFolder, list_runs

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class InterruptedRun:
    """A run that can be resumed.

    Attributes:
        project: Name of its project.
        folder: Of the project.
        run: What is known of the run.
        done: How far it got, in words.
    """

    project: str
    folder: str
    run: RunSummary
    done: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierWork:
    """The recent projects and the newest interrupted run of them.

    Attributes:
        recent: Projects, newest first.
        missing: Folders of those that are not there now, for example on a drive that is not plugged in.
        interrupted: The newest of their runs that was interrupted.
    """

    recent: tuple[RecentProject, ...]
    missing: frozenset[str]
    interrupted: InterruptedRun | None


def earlier_work() -> EarlierWork:
    """Read the recent projects, and the newest interrupted run that no other window is training."""
    recent = tuple(recent_projects())
    missing = frozenset(project.folder for project in recent if not Path(project.folder).is_dir())
    found: tuple[float, InterruptedRun] | None = None
    for project in recent:
        for run in list_runs(Path(project.folder) / "runs"):
            if run.finished or _is_busy(run):
                continue
            is_saved, history = run.last_checkpoint.exists(), RunHistory(run.read_events())
            if not is_saved and history.final is not None:
                continue  # it was cancelled or refused before it had learned anything
            when = (run.last_checkpoint if is_saved else run.recipe).stat().st_mtime
            if found is None or when > found[0]:
                summary = summarise(run)
                found = (
                    when,
                    InterruptedRun(
                        project=project.name,
                        folder=project.folder,
                        run=summary,
                        done=_done_in_words(history, summary) if is_saved else "it had only just begun",
                    ),
                )
    return EarlierWork(recent=recent, missing=missing, interrupted=found[1] if found else None)


def _done_in_words(history: RunHistory, run: RunSummary) -> str:
    return f"{history.axis} {run.epoch} of {history.planned or run.epochs}: nothing was lost"


def _is_busy(run: RunFolder) -> bool:
    try:
        with run.lock():
            return False
    except (UserError, OSError):
        return True


def day(moment: str, *, today: date | None = None) -> str:
    """A stored moment as "today", "yesterday", "3 Nov" or "3 Nov 2024".

    Args:
        moment: ISO 8601 with its zone.
        today: For tests; the local day otherwise.
    """
    try:
        then = datetime.fromisoformat(moment).astimezone().date()
    except ValueError:
        return ""
    now = today or date.today()
    if then == now:
        return "today"
    if (now - then).days == 1:
        return "yesterday"
    text = f"{then.day} {MONTHS[then.month - 1]}"
    return text if then.year == now.year else f"{text} {then.year}"


def run_title(name: str) -> str:
    """A run's folder name as a title: "run-3" is "Run 3"; a name given by hand stays."""
    number = name.removeprefix("run-")
    return f"Run {number}" if number != name and number.isdigit() else name


def run_name(folder: str, note: RunNote | None) -> str:
    """A run's name: the one that the person gave it, else the title of its folder.

    Args:
        folder: Name of its folder.
        note: What the person noted about it.
    """
    return (note.title if note is not None else "") or run_title(folder)


def accuracy_text(accuracy: float | None, interval: tuple[float, float] | None) -> str:
    """A share and its 95 % interval as "94.7 % (86–99)"; a dash without one."""
    if accuracy is None:
        return "–"
    text = percent(accuracy, digits=1)
    return text if interval is None else f"{text} ({percent_interval(interval)})"
