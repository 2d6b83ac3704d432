"""The table of recent projects."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QFont, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableWidget, QTableWidgetItem, QWidget

from tlstudio.gui.number_text import grouped
from tlstudio.gui.pages.home.recent_projects import accuracy_text, day
from tlstudio.gui.theme import theme
from tlstudio.project.recent import RecentProject

HEADINGS = ("Project", "Images", "Best run", "Opened", "")
NAME, BEST, MORE = 0, 2, 4
NAME_PIXELS = (110, 150)
"""Room that names have before any other column is shown: at least, and at most if they are that long."""
MORE_PIXELS = 26
BEST_TIP = "Share of test images that were right, with its 95 % interval"


class RecentTable(QTableWidget):
    """One row per project; a click or Enter opens it, "…" and the right button offer more.

    Signals:
        project_chosen: Folder of the project.
        renamed: Folder of the project, and its new name.
        removed: Folder of the project, which shall no longer be listed.
        folder_wanted: Folder of the project, which shall be shown in the file manager.
    """

    project_chosen = Signal(str)
    renamed = Signal(str, str)
    removed = Signal(str)
    folder_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(HEADINGS), parent)
        self._projects: tuple[RecentProject, ...] = ()
        self._missing: frozenset[str] = frozenset()
        self._filling = False
        self.menu = QMenu(self)
        self.menu.addAction("&Open").triggered.connect(self._open_current)
        self.rename_action = self.menu.addAction("&Rename…\tF2")
        self.rename_action.triggered.connect(self.rename_current)
        self.show_action = self.menu.addAction("&Show in folder")
        self.show_action.triggered.connect(self._show_current)
        self.menu.addSeparator()
        self.remove_action = self.menu.addAction("Remove &from this list\tDel")
        self.remove_action.triggered.connect(self.remove_current)
        self.setAccessibleName("Recent projects")
        for column, heading in enumerate(HEADINGS):
            item = QTableWidgetItem(heading)
            side = Qt.AlignmentFlag.AlignRight if column == 1 else Qt.AlignmentFlag.AlignLeft
            item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            item.setToolTip(BEST_TIP if column == BEST else "")
            self.setHorizontalHeaderItem(column, item)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(MORE, QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(MORE_PIXELS)
        self.clicked.connect(self._choose)
        # Enter emits it on every desktop; where a single click does too, the page has changed by then.
        self.activated.connect(self._choose)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu_at)
        self.itemChanged.connect(self._item_changed)
        theme().changed.connect(self._fill)

    def set_projects(self, projects: Sequence[RecentProject], *, missing: Collection[str] = ()) -> None:
        """Show these projects, newest first; nothing is rebuilt when they are unchanged.

        Args:
            projects: All that are listed.
            missing: Folders of those that are not there now.
        """
        editing = self.state() == QAbstractItemView.State.EditingState
        if editing or (tuple(projects), frozenset(missing)) == (self._projects, self._missing):
            return
        self._projects, self._missing = tuple(projects), frozenset(missing)
        self._fill()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """F2 renames, Del removes from the list."""
        if event.key() == Qt.Key.Key_F2:
            self.rename_current()
        elif event.key() == Qt.Key.Key_Delete:
            self.remove_current()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hide columns before eliding names where room is short."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        least, most = map(theme().pixels, NAME_PIXELS)
        names = min(max(self.sizeHintForColumn(NAME), least), most)
        left = self.viewport().width() - names - theme().pixels(MORE_PIXELS)
        for column in (2, 1, 3):  # the most important first
            self.setColumnHidden(column, False)  # Qt takes the heading of a hidden one as nothing
            left -= max(self.sizeHintForColumn(column), self.horizontalHeader().sectionSizeHint(column))
            self.setColumnHidden(column, left < 0)

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        if index.column() == MORE:
            self._menu_at(self.visualRect(index).center())
        else:
            self.project_chosen.emit(self._projects[index.row()].folder)

    @Slot()
    def rename_current(self) -> None:
        """Let the person edit the name of the current project where it stands."""
        name = self.item(self.currentRow(), NAME)
        if name is not None and self._projects[name.row()].folder not in self._missing:
            self.editItem(name)

    @Slot()
    def remove_current(self) -> None:
        """Ask for the current project to be taken off the list."""
        if self.currentRow() >= 0:
            self.removed.emit(self._projects[self.currentRow()].folder)

    @Slot()
    def _open_current(self) -> None:
        self.project_chosen.emit(self._projects[self.currentRow()].folder)

    @Slot()
    def _show_current(self) -> None:
        self.folder_wanted.emit(self._projects[self.currentRow()].folder)

    @Slot(QPoint)
    def _menu_at(self, place: QPoint) -> None:
        index = self.indexAt(place)
        if not index.isValid():
            return
        self.setCurrentIndex(index)
        is_there = self._projects[index.row()].folder not in self._missing
        for action in (self.rename_action, self.show_action):
            action.setEnabled(is_there)
        self.menu.popup(self.viewport().mapToGlobal(place))

    @Slot(QTableWidgetItem)
    def _item_changed(self, item: QTableWidgetItem) -> None:
        if self._filling or item.column() != NAME:
            return
        project, name = self._projects[item.row()], item.text().strip()
        if name and name != project.name:
            self.renamed.emit(project.folder, name)
        else:
            self._fill()

    @Slot()
    def _fill(self) -> None:
        self._filling = True
        self.verticalHeader().setDefaultSectionSize(theme().pixels(30))
        self.setColumnWidth(MORE, theme().pixels(MORE_PIXELS))
        self.setRowCount(len(self._projects))
        for row, project in enumerate(self._projects):
            is_there = project.folder not in self._missing
            for column, text in enumerate(_texts(project, is_there=is_there)):
                self.setItem(row, column, _item(text, column, project, is_there=is_there))
        self._fit()
        self._filling = False


def _texts(project: RecentProject, *, is_there: bool) -> list[str]:
    best = accuracy_text(project.best, project.best_interval)
    name = project.name if is_there else f"{project.name} (not found)"
    return [name, grouped(project.images), best, day(project.opened), "⋯"]


def _item(text: str, column: int, project: RecentProject, *, is_there: bool) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    item.setToolTip(_tip(column, project, is_there=is_there))
    if column == NAME:
        font = QFont()
        font.setWeight(QFont.Weight.DemiBold)
        item.setFont(font)
    if column == 1:
        item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    if column == 3 or not is_there:
        item.setForeground(theme().color("muted"))
    if column == MORE:
        item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"More about {project.name}")
    return item


def _tip(column: int, project: RecentProject, *, is_there: bool) -> str:
    if column == MORE:
        return "Rename, show in folder, remove from this list"
    if not is_there:
        return f"{Path(project.folder)} is not there now. Is its drive plugged in?"
    return project.folder if column != BEST or project.best is None else BEST_TIP
