"""Files that are not used: which, why, and what to do about each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from tlstudio.core.types import ProblemFile
from tlstudio.gui.widgets.basics.model_index import TOP, Index
from tlstudio.gui.widgets.basics.term_tips import as_tip

COLUMNS = ("File", "Why it is not used", "What you can do")


class _Problems(QAbstractTableModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.problems: tuple[ProblemFile, ...] = ()

    def replace(self, problems: Sequence[ProblemFile]) -> None:
        self.beginResetModel()
        self.problems = tuple(problems)
        self.endResetModel()

    def rowCount(self, parent: Index = TOP) -> int:
        return 0 if parent.isValid() else len(self.problems)

    def columnCount(self, parent: Index = TOP) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = 0) -> Any:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        problem = self.problems[index.row()]
        text = (problem.path, problem.reason, problem.mend)[index.column()]
        return as_tip(text) if role == Qt.ItemDataRole.ToolTipRole else text

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None


class ProblemTable(QTableView):
    """The list of problem files; thousands are fine, rows wrap to two lines."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Problem files")
        self._problems = _Problems(self)
        self.setModel(self._problems)
        self.setWordWrap(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        # One height for all rows: measuring each of thousands would block the window.
        self.verticalHeader().setDefaultSectionSize(3 * self.fontMetrics().height() + 12)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)

    def set_problems(self, problems: Sequence[ProblemFile]) -> None:
        """Show these files."""
        if tuple(problems) != self._problems.problems:
            self._problems.replace(problems)

    def problems(self) -> tuple[ProblemFile, ...]:
        """The problem files shown."""
        return self._problems.problems
