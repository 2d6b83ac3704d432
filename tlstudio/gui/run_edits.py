"""Edits of runs by a person besides training them: notes about them, and deleting them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from tlstudio.core.errors import UserError
from tlstudio.gui.app_state import AppState
from tlstudio.project.run_notes import Notes, RunNote
from tlstudio.project.runs import RunFolder


@dataclass(frozen=True, slots=True)
class _Deleting:
    owner: int
    run: str

    def __call__(self) -> str:
        """Move the folder to the trash."""
        from send2trash import send2trash  # looks for the desktop's own trash

        with RunFolder(Path(self.run)).lock():
            pass  # else another process is training it
        try:
            send2trash(self.run)
        except OSError as error:
            raise UserError(
                f"The run could not be moved to the trash: {error}.",
                work="It is as it was.",
                mend=f"To be rid of it, delete its folder yourself: {self.run}.",
            ) from error
        return self.run


class RunEdits(QObject):
    """Writes notes about runs, and moves runs to the trash.

    Signals:
        changed: Notes or runs changed.
    """

    changed = Signal()

    def __init__(self, app_state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app_state = app_state
        app_state.background.done.connect(self._done)

    def notes(self) -> Notes:
        """The notes of the person about the runs of the open project."""
        project = self._app_state.project
        return project.run_notes() if project is not None else {}

    def save(self, run: RunFolder, note: RunNote) -> None:
        """Save a note in place of the one before."""
        assert self._app_state.project is not None
        try:
            self._app_state.project.save_run_note(run.path.name, note)
        except UserError as error:
            self._app_state.show_error(error)
            return
        self._app_state.saved.emit()
        self._app_state.runs_changed.emit()
        self.changed.emit()

    def delete(self, run: RunFolder) -> None:
        """Move a run to the trash of the system, off the GUI thread; not one that is in training."""
        if run != self._app_state.training_run:
            deleting = _Deleting(id(self), str(run.path))
            self._app_state.background.submit(deleting, deleting)

    @Slot(object, object)
    def _done(self, key: object, result: object) -> None:
        if not isinstance(key, _Deleting) or key.owner != id(self):
            return
        if isinstance(result, UserError):
            self._app_state.show_error(result)
            return
        app_state, run = self._app_state, RunFolder(Path(key.run))
        if app_state.project is not None and app_state.project.runs_folder == run.path.parent:
            app_state.project.save_run_note(run.path.name, RunNote())
        if app_state.run == run:
            runs = app_state.runs()
            app_state.select_run(runs[-1] if runs else None)
        app_state.status_message.emit(f"{run.path.name} is in the trash; from there it can be brought back.")
        app_state.runs_changed.emit()
        self.changed.emit()
