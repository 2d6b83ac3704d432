"""The part of the Data page about folders, tables and groups: their card, and the dialog for groups."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QPushButton, QWidget

from tlstudio.data.layout.table_beside import load_table
from tlstudio.gui.app_state import AppState
from tlstudio.gui.pages.data.groups_dialog import GroupsDialog
from tlstudio.gui.pages.data.layout_card import LayoutCard


class Folders(QObject):
    """Binds the card about the folders and the dialog for groups to the project.

    Args:
        app_state: State of the window.
        groups_button: Opens the dialog.
        parent: Of the dialog.

    Signals:
        answered: The person has answered a note, or wants to be asked again: findings name other choices.
    """

    answered = Signal()

    def __init__(self, app_state: AppState, *, groups_button: QPushButton, parent: QWidget) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self._parent = parent
        self._suggested = ""
        self.card = LayoutCard()
        self.card.kept.connect(self._keep)
        self.card.choice_requested.connect(self._choose)
        self.card.groups_requested.connect(self.suggest)
        groups_button.clicked.connect(self._ask)
        app_state.project_changed.connect(self.refresh)
        app_state.images_changed.connect(self.refresh)
        app_state.background.done.connect(self._table_loaded)
        self.refresh()  # the page may be built after the images were read

    @Slot()
    def refresh(self) -> None:
        """Show the first note about the folders that has choices and that was not answered yet."""
        project = self._app_state.project
        notes = project.scan_notes() if project is not None and self._app_state.images() else ()
        answered = project.answered() if project is not None else frozenset()
        open_notes = (note for note in notes if note.choices and note.code not in answered)
        self.card.show_note(next(open_notes, None))

    @Slot(str)
    def _keep(self, code: str) -> None:
        if self._app_state.project is not None:
            self._app_state.project.save_answer(code)
            self.answered.emit()
        self.refresh()

    @Slot()
    def ask_again(self) -> None:
        """Show the notes that were answered again."""
        project = self._app_state.project
        if project is not None and project.answered():
            project.forget_answers()
            self.answered.emit()
            self.refresh()

    @Slot(str)
    def _choose(self, choice: str) -> None:
        self.card.show_note(None)
        self._app_state.update_recipe({"layout": choice})
        self._app_state.rescan(anew=True)

    @Slot(str)
    def suggest(self, pattern: str) -> None:
        """Open the dialog of the groups with a rule to look at."""
        self._suggested = pattern
        self._ask()

    @Slot()
    def _ask(self) -> None:
        """Look for a table in the background, then open the dialog."""
        project = self._app_state.project
        if project is None:
            return
        root, paths = project.images_root, [image.path for image in self._app_state.images()]
        self._app_state.background.submit(_key(root), lambda: (load_table(root, paths), paths))

    @Slot(object, object)
    def _table_loaded(self, key: object, result: Any) -> None:
        project = self._app_state.project
        if project is None or key != _key(project.images_root):
            return
        table, paths = result if isinstance(result, tuple) else (None, [])
        split = self._app_state.recipe().get("split", {})
        dialog = GroupsDialog(
            paths=paths,
            table=table,
            labels={image.path: name for image in self._app_state.images() if (name := image.label())},
            rule=self._suggested or split.get("groups") or "",
            partial=bool(split.get("groups_partial")),
            parent=self._parent,
        )
        self._suggested = ""
        dialog.accepted.connect(self._group)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot()
    def _group(self) -> None:
        dialog = self.sender()
        assert isinstance(dialog, GroupsDialog)
        groups = {"groups": dialog.rule(), "groups_partial": dialog.allows_partial()}
        self._app_state.update_recipe({"split": groups})
        self._app_state.rescan(anew=True)


def _key(root: Path) -> tuple[str, str]:
    return "table for groups", str(root)
