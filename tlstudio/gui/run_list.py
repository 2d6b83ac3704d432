"""The entries of the run menu, read off the GUI thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from tlstudio.evaluation.run_summary import RunSummary, summarise
from tlstudio.gui.app_state import AppState
from tlstudio.gui.pages.home.recent_projects import accuracy_text, run_name
from tlstudio.gui.widgets.frame.header import RunEntry
from tlstudio.project.run_notes import RunNote
from tlstudio.project.runs import list_runs


class RunList(QObject):
    """Keeps the entries of the run menu up to date.

    Signals:
        changed: `entries` are new.
    """

    changed = Signal()

    def __init__(self, app_state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self.entries: tuple[RunEntry, ...] = ()
        app_state.background.done.connect(self._background_done)
        for signal in (app_state.project_changed, app_state.runs_changed, app_state.training_changed):
            signal.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Read the runs again."""
        project = self._app_state.project
        if project is None:
            self._take(())
            return
        folder = project.runs_folder
        self._app_state.background.submit(("runs", str(folder)), lambda: _read(folder))

    @Slot(object, object)
    def _background_done(self, key: object, result: object) -> None:
        project = self._app_state.project
        # Entries of a project that was closed meanwhile are dropped.
        if project is None or key != ("runs", str(project.runs_folder)) or not isinstance(result, tuple):
            return
        self._take(result)

    def _take(self, summaries: tuple[RunSummary, ...]) -> None:
        training = self._app_state.training_run
        busy = str(training.path) if training is not None else None
        project = self._app_state.project
        notes = project.run_notes() if project is not None else {}
        self.entries = tuple(_entry(run, notes.get(run.name), busy=run.path == busy) for run in summaries)
        self.changed.emit()


def _read(folder: Path) -> tuple[RunSummary, ...]:
    return tuple(summarise(run) for run in list_runs(folder))


def _entry(run: RunSummary, note: RunNote | None, *, busy: bool) -> RunEntry:
    star = "★ " if note is not None and note.is_starred else ""
    title = f"{star}{run_name(run.name, note)}"
    return RunEntry(path=run.path, title=title, details=_details(run, busy=busy))


def _details(run: RunSummary, *, busy: bool) -> str:
    if busy:
        return "training now"
    if run.status == "finished":
        return accuracy_text(run.accuracy, run.interval)
    return f"interrupted at epoch {run.epoch}" if run.status == "interrupted" else "not trained"
