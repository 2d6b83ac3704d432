"""The table of recent projects."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from tlstudio.gui.number_text import grouped
from tlstudio.gui.pages.home.recent_projects import accuracy_text, day
from tlstudio.gui.theme import theme
from tlstudio.project.recent import RecentProject

HEADINGS = ("Project", "Images", "Best run", "Opened")
NAME_PIXELS = 110
BEST_TIP = "Share of test images that were right, with its 95 % interval"


class RecentTable(QTableWidget):
    """One row per project; a click or Enter opens it.

    Signals:
        project_chosen: Folder of the project.
    """

    project_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(HEADINGS), parent)
        self._projects: tuple[RecentProject, ...] = ()
        self.setAccessibleName("Recent projects")
        for column, heading in enumerate(HEADINGS):
            item = QTableWidgetItem(heading)
            side = Qt.AlignmentFlag.AlignRight if column == 1 else Qt.AlignmentFlag.AlignLeft
            item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            item.setToolTip(BEST_TIP if column == 2 else "")
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
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.clicked.connect(self._choose)
        # Enter emits it on every desktop; where a single click does too, the page has changed by then.
        self.activated.connect(self._choose)
        theme().changed.connect(self._fill)

    def set_projects(self, projects: Sequence[RecentProject]) -> None:
        """Show these projects, newest first; nothing is rebuilt when they are unchanged."""
        if tuple(projects) == self._projects:
            return
        self._projects = tuple(projects)
        self._fill()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hide columns before eliding names where room is short."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        left = self.viewport().width() - theme().pixels(NAME_PIXELS)
        for column in (2, 1, 3):  # the most important first
            left -= max(self.sizeHintForColumn(column), self.horizontalHeader().sectionSizeHint(column))
            self.setColumnHidden(column, left < 0)

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        self.project_chosen.emit(self._projects[index.row()].folder)

    @Slot()
    def _fill(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme().pixels(30))
        self.setRowCount(len(self._projects))
        for row, project in enumerate(self._projects):
            for column, text in enumerate(_texts(project)):
                self.setItem(row, column, _item(text, column, project))
        self._fit()


def _texts(project: RecentProject) -> list[str]:
    best = accuracy_text(project.best, project.best_interval)
    return [project.name, grouped(project.images), best, day(project.opened)]


def _item(text: str, column: int, project: RecentProject) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    item.setToolTip(project.folder if column != 2 or project.best is None else BEST_TIP)
    if column == 0:
        font = QFont()
        font.setWeight(QFont.Weight.DemiBold)
        item.setFont(font)
    if column == 1:
        item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    if column == 3:
        item.setForeground(theme().color("muted"))
    return item
