"""A choice of several label columns of a table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QLabel, QVBoxLayout, QWidget

from tlstudio.data.tables.further_columns import names_of, text_of
from tlstudio.gui.widgets.basics.term_tips import as_tip

NONE = (
    "The table beside the images has no further column that could be learned: one with a class for many "
    "images, such as the health of each plant."
)


class ColumnsField(QWidget):
    """A box to tick for each column that is offered.

    Attributes:
        problem: Why the columns cannot be used; empty while they can, or while that is not known.
        boxes: The box of each column, by its name.

    Signals:
        changed: The person chose other columns: their names, see `names_of`.
        problem_changed: `problem` changed.
    """

    changed = Signal(str)
    problem_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.problem = ""
        self.boxes: dict[str, QCheckBox] = {}
        self._value = ""
        self._are_known = False
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(5)
        self.none = QLabel(NONE)
        self.none.setProperty("muted", True)
        self.none.setWordWrap(True)
        self.none.hide()
        self._rows.addWidget(self.none)

    def set_choices(self, choices: Sequence[tuple[str, str]] | None) -> None:
        """Offer columns.

        Args:
            choices: Name and title of each; None while they are not known.
        """
        for box in self.boxes.values():
            box.hide()
            self._rows.removeWidget(box)
            box.deleteLater()
        self.boxes = {}
        self._are_known = choices is not None
        for name, title in choices or ():
            box = QCheckBox(title.replace("&", "&&"))
            box.setToolTip(as_tip(title))
            box.setAccessibleName(name)
            box.clicked.connect(self._clicked)
            self.boxes[name] = box
            self._rows.addWidget(box)
        self.none.setVisible(self._are_known and not self.boxes)
        if self.boxes:
            self.setFocusProxy(next(iter(self.boxes.values())))
        self.set_value(self._value)

    def value(self) -> str:
        """The names of the columns, see `names_of`; empty while there are none."""
        return self._value

    def set_value(self, value: str) -> None:
        """Show columns, without emitting `changed`."""
        self._value = value
        chosen = names_of(value)
        for name, box in self.boxes.items():
            box.setChecked(name in chosen)
        missing = [name for name in chosen if name not in self.boxes]
        problem = f"There is no column “{missing[0]}” to learn. Choose others." if missing else ""
        problem = problem if self._are_known else ""
        if problem != self.problem:
            self.problem = problem
            self.problem_changed.emit()

    @Slot()
    def _clicked(self) -> None:
        names = [name for name, box in self.boxes.items() if box.isChecked()]
        self.set_value(text_of(names) if names else "")
        self.changed.emit(self._value)
