"""Offers the mend of a finding beside its images, and does it when the person presses it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from tlstudio.core.finding import MendAction
from tlstudio.gui.app_state import AppState
from tlstudio.gui.pages.data.dividing import Dividing
from tlstudio.gui.pages.data.filter import Suggestion
from tlstudio.gui.pages.data.folders import Folders
from tlstudio.gui.pages.data.view import DataView


class Mending(QObject):
    """Carries out the mend that is offered; what changes images is one step for undo.

    Args:
        app_state: State of the window.
        view: Shows the images of the finding, and the button.
        dividing: Divides images anew.
        folders: Groups images.
    """

    def __init__(self, app_state: AppState, view: DataView, *, dividing: Dividing, folders: Folders) -> None:
        super().__init__(view)
        self._app_state, self._view, self._dividing, self._folders = app_state, view, dividing, folders
        self._action: MendAction | None = None
        view.mend.clicked.connect(self._do)

    def offer(self, action: MendAction | None) -> None:
        """Offer a mend while the images of its finding are shown; None offers nothing."""
        self._action = action
        self._view.mend.setText(action.words if action is not None else "")
        pairs = zip(action.paths, action.suggested, strict=False) if action is not None else ()
        self._view.suggested = {path: Suggestion(class_name=name) for path, name in pairs}

    @Slot()
    def _do(self) -> None:
        action = self._action
        if action is None:
            return
        if action.kind == "divide":
            self._dividing.ask()
        elif action.kind == "group":
            self._folders.suggest(action.rule)
        elif self._app_state.edits.leave_out(action.paths):
            self.offer(None)
            self._view.all_requested.emit()
