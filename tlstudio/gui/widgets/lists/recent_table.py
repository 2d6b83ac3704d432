"""The table of recent projects."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPoint,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QFont, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from tlstudio.gui.number_text import grouped
from tlstudio.gui.pages.home.recent_projects import accuracy_text, day
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.model_index import TOP, Index
from tlstudio.gui.widgets.basics.term_tips import as_tip
from tlstudio.project.recent import RecentProject

HEADINGS = ("Project", "Images", "Best run", "Opened", "")
NAME, IMAGES, BEST, OPENED, MORE = range(5)
NAME_PIXELS = (110, 150)
"""Room that names have before any other column is shown: at least, and at most if they are that long."""
MORE_PIXELS = 26
BEST_TIP = "Share of test images that were right, with its 95 % interval, among runs on the newest labels"


class _Projects(QAbstractTableModel):
    """The projects, of which the names can be edited.

    Signals:
        name_typed: Row and text, once the person has edited a name.
    """

    name_typed = Signal(int, str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.projects: tuple[RecentProject, ...] = ()
        self.missing: frozenset[str] = frozenset()

    def replace(self, projects: Sequence[RecentProject], *, missing: Collection[str]) -> None:
        """List other projects."""
        self.beginResetModel()
        self.projects, self.missing = tuple(projects), frozenset(missing)
        self.endResetModel()

    def rowCount(self, parent: Index = TOP) -> int:
        return 0 if parent.isValid() else len(self.projects)

    def columnCount(self, parent: Index = TOP) -> int:
        return 0 if parent.isValid() else len(HEADINGS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == NAME else flags

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADINGS[section]
        if role == Qt.ItemDataRole.ToolTipRole and section == BEST:
            return BEST_TIP
        return _side(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        project, column = self.projects[index.row()], index.column()
        is_there = project.folder not in self.missing
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return _text(column, project, is_there=is_there)
            case Qt.ItemDataRole.ToolTipRole:
                return as_tip(_tip(column, project, is_there=is_there))
            case Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignCenter if column == MORE else _side(column)
            case Qt.ItemDataRole.FontRole if column == NAME:
                return _bold()
            case Qt.ItemDataRole.ForegroundRole if column == OPENED or not is_there:
                return theme().color("muted")
            case Qt.ItemDataRole.AccessibleTextRole if column == MORE:
                return f"More about {project.name}"
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        # The row changes only once the list of projects says so.
        self.name_typed.emit(index.row(), str(value))
        return False


class RecentTable(QTableView):
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
        super().__init__(parent)
        # A model, because items of a QTableWidget crash PySide when they are replaced.
        self._rows = _Projects(self)
        self.setModel(self._rows)
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
        self._rows.name_typed.connect(self._name_typed)
        theme().changed.connect(self._dress)
        self._dress()

    def set_projects(self, projects: Sequence[RecentProject], *, missing: Collection[str] = ()) -> None:
        """Show these projects, newest first; nothing is rebuilt when they are unchanged.

        Args:
            projects: All that are listed.
            missing: Folders of those that are not there now.
        """
        editing = self.state() == QAbstractItemView.State.EditingState
        if editing or (tuple(projects), frozenset(missing)) == (self._rows.projects, self._rows.missing):
            return
        row = self._current_row()
        folder = self._rows.projects[row].folder if row >= 0 else None
        self._rows.replace(projects, missing=missing)
        folders = [project.folder for project in projects]
        if folder is not None:  # where it was taken off the list, the next one is current
            place = folders.index(folder) if folder in folders else min(row, len(folders) - 1)
            self.setCurrentIndex(self._rows.index(place, NAME))
        self._fit()

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
        for column in (BEST, IMAGES, OPENED):  # the most important first
            self.setColumnHidden(column, False)  # Qt takes the heading of a hidden one as nothing
            left -= max(self.sizeHintForColumn(column), self.horizontalHeader().sectionSizeHint(column))
            self.setColumnHidden(column, left < 0)

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        if index.column() == MORE:
            self._menu_at(self.visualRect(index).center())
        else:
            self.project_chosen.emit(self._rows.projects[index.row()].folder)

    @Slot()
    def rename_current(self) -> None:
        """Let the person edit the name of the current project where it stands."""
        row = self._current_row()
        if row >= 0 and self._rows.projects[row].folder not in self._rows.missing:
            self.edit(self._rows.index(row, NAME))

    @Slot()
    def remove_current(self) -> None:
        """Ask for the current project to be taken off the list."""
        if self._current_row() >= 0:
            self.removed.emit(self._rows.projects[self._current_row()].folder)

    @Slot()
    def _open_current(self) -> None:
        if self._current_row() >= 0:
            self.project_chosen.emit(self._rows.projects[self._current_row()].folder)

    @Slot()
    def _show_current(self) -> None:
        if self._current_row() >= 0:
            self.folder_wanted.emit(self._rows.projects[self._current_row()].folder)

    @Slot(QPoint)
    def _menu_at(self, place: QPoint) -> None:
        index = self.indexAt(place)
        if not index.isValid():
            return
        self.setCurrentIndex(index)
        is_there = self._rows.projects[index.row()].folder not in self._rows.missing
        for action in (self.rename_action, self.show_action):
            action.setEnabled(is_there)
        self.menu.popup(self.viewport().mapToGlobal(place))

    def _current_row(self) -> int:
        return self.currentIndex().row()

    @Slot(int, str)
    def _name_typed(self, row: int, text: str) -> None:
        project, name = self._rows.projects[row], text.strip()
        if name and name != project.name:
            self.renamed.emit(project.folder, name)

    @Slot()
    def _dress(self) -> None:
        """Take the colours and the text size of the theme."""
        self.verticalHeader().setDefaultSectionSize(theme().pixels(30))
        self.setColumnWidth(MORE, theme().pixels(MORE_PIXELS))
        self._fit()
        self.viewport().update()


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column == IMAGES else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _bold() -> QFont:
    font = QFont()
    font.setWeight(QFont.Weight.DemiBold)
    return font


def _text(column: int, project: RecentProject, *, is_there: bool) -> str:
    if column == NAME:
        return project.name if is_there else f"{project.name} (not found)"
    if column == IMAGES:
        return grouped(project.images)
    if column == BEST:
        return accuracy_text(project.best, project.best_interval)
    return day(project.opened) if column == OPENED else "⋯"


def _tip(column: int, project: RecentProject, *, is_there: bool) -> str:
    if column == MORE:
        return "Rename, show in folder, remove from this list"
    if not is_there:
        return f"{Path(project.folder)} is not there now. Is its drive plugged in?"
    return project.folder if column != BEST or project.best is None else BEST_TIP
