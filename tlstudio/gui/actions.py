"""The actions behind the window's menus and keyboard shortcuts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from tlstudio.gui.steps import STEPS


class WindowActions:
    """The actions of a window, each with its shortcut; added to the window so that they always work.

    Args:
        window: Owns them.
    """

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self.all: list[QAction] = []
        self.home = self._add("&Home", "Ctrl+0")
        self.pages = {
            step.page: self._add(step.title, f"Ctrl+{number}") for number, step in enumerate(STEPS, start=1)
        }
        self.open_folder = self._add("&Open a folder of images…", "Ctrl+O")
        self.open_project = self._add("Open a &project…", "Ctrl+Shift+O")
        self.undo = self._add("&Undo", "Ctrl+Z")
        self.settings = self._add("&Settings…", "Ctrl+,", role=QAction.MenuRole.PreferencesRole)
        self.lesson = self._add("&First lesson", "")
        self.shortcuts = self._add("&Keyboard shortcuts", "F1")
        self.glossary = self._add("&Glossary", "Shift+F1")
        self.ways = self._add("&Ways of transferring knowledge", "")
        self.log = self._add("Show the &log", "")
        self.about = self._add("&About tlstudio", "", role=QAction.MenuRole.AboutRole)
        self.quit = self._add("&Quit", "Ctrl+Q", role=QAction.MenuRole.QuitRole)

    def main_menu(self) -> QMenu:
        """The menu behind the app's name."""
        return self._menu(
            (
                *(self.home, None, self.open_folder, self.open_project, None, self.undo),
                *(None, self.settings, None, self.quit),
            )
        )

    def help_menu(self) -> QMenu:
        """The menu behind Help."""
        return self._menu((self.lesson, self.glossary, self.ways, self.shortcuts, self.log, None, self.about))

    def _add(self, text: str, keys: str, *, role: QAction.MenuRole = QAction.MenuRole.NoRole) -> QAction:
        action = QAction(text, self._window)
        action.setShortcut(QKeySequence(keys))
        action.setMenuRole(role)
        self._window.addAction(action)
        self.all.append(action)
        return action

    def _menu(self, actions: Sequence[QAction | None]) -> QMenu:
        menu = QMenu(self._window)
        for action in actions:
            if action is None:
                menu.addSeparator()
            else:
                menu.addAction(action)
        return menu
