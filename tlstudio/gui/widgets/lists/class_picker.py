"""A list of classes that opens above the page: typing filters it, Enter takes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPoint,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QGuiApplication, QHideEvent, QIcon, QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListView, QVBoxLayout, QWidget

from tlstudio.gui.class_looks import ClassLook
from tlstudio.gui.widgets.basics.icons import square_icon
from tlstudio.gui.widgets.basics.model_index import TOP, Index
from tlstudio.gui.widgets.basics.term_tips import as_tip

WIDTH_PIXELS = 260
MOST_ROWS = 12
NO_LABEL = "No class: take the label away"
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


def matching(names: Sequence[str], text: str) -> list[str]:
    """The classes that hold a text, in any case: first the same name, then those that begin with it."""
    wanted = text.strip().casefold()
    found = [name for name in names if wanted in name.casefold()]

    def rank(name: str) -> int:
        folded = name.casefold()
        return 0 if folded == wanted else 1 if folded.startswith(wanted) else 2

    return sorted(found, key=rank) if wanted else found


class _Choices(QAbstractListModel):
    """The choices: names of classes, and None for no class."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.choices: list[str | None] = []
        self.icons: dict[str, QIcon] = {}

    def rowCount(self, parent: Index = TOP) -> int:
        return 0 if parent.isValid() else len(self.choices)

    def data(self, index: Index, role: int = 0) -> object:
        choice = self.choices[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return NO_LABEL if choice is None else choice
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(choice or "")
        if role == Qt.ItemDataRole.DecorationRole and choice is not None:
            return self.icons[choice]
        return None

    def replace(self, choices: list[str | None]) -> None:
        """Offer these."""
        self.beginResetModel()
        self.choices = choices
        self.endResetModel()


class ClassPicker(QFrame):
    """Lets the person choose a class by mouse, or by typing a part of its name and Enter.

    All keys go to its filter while it is open, so that none of them labels what lies behind it.

    Args:
        name: What it is for, for screen readers.

    Signals:
        class_chosen: Its name; None takes the label away.
    """

    class_chosen = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("picker", True)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName(name)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Type a part of the name")
        self.filter.setAccessibleName(f"{name}: filter")
        self._choices = _Choices(self)
        self.list = QListView()
        self.list.setModel(self._choices)
        self.list.setAccessibleName(name)
        self.list.setFrameShape(QListView.Shape.NoFrame)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setIconSize(QSize(12, 12))
        # The filter keeps the focus: a click in the list must not send the next keys elsewhere.
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFocusProxy(self.filter)
        self.nothing = QLabel("No class has this in its name.")
        self.nothing.setProperty("muted", True)
        self.nothing.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        for part in (self.filter, self.list, self.nothing):
            layout.addWidget(part)
        self.nothing.hide()
        self.setFixedWidth(WIDTH_PIXELS)
        self._can_unlabel = False
        self.filter.textChanged.connect(self._fill)
        self.list.clicked.connect(self._take)

    def open_at(
        self, place: QPoint, *, looks: Sequence[ClassLook], current: str | None, can_unlabel: bool
    ) -> None:
        """Open it.

        Args:
            place: Upper left corner on the screen; moved to where all of it can be seen.
            looks: The classes, in order.
            current: The class of the images now, marked in the list.
            can_unlabel: Whether taking the label away is offered.
        """
        self._choices.icons = {look.name: square_icon(look.colour) for look in looks}
        self._can_unlabel = can_unlabel
        self.filter.clear()
        self._fill()
        if current is not None and current in self.names():
            self._mark(self._choices.choices.index(current))
        self.adjustSize()
        screen = QGuiApplication.screenAt(place) or self.screen()
        room = screen.availableGeometry()
        self.move(
            max(room.left(), min(place.x(), room.right() - self.width())),
            max(room.top(), min(place.y(), room.bottom() - self.height())),
        )
        self.show()
        self.filter.setFocus(Qt.FocusReason.PopupFocusReason)

    def names(self) -> list[str]:
        """The classes that match the filter, in the order of the list."""
        return [choice for choice in self._choices.choices if choice is not None]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter takes the marked class, arrows move the mark, Escape closes; other keys go to the filter."""
        key = event.key()
        marked = self.list.currentIndex()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if marked.isValid():
                self._take(marked)
        elif key in _MOVES:
            page = max(1, self.list.height() // max(1, self.list.sizeHintForRow(0)) - 1)
            steps = dict(zip(_MOVES, (-1, 1, -page, page), strict=True))
            self._mark(max(0, min(marked.row() + steps[Qt.Key(key)], len(self._choices.choices) - 1)))
        elif key == Qt.Key.Key_Escape:
            self.hide()
        event.accept()

    def hideEvent(self, event: QHideEvent) -> None:
        """Forget the classes: another project may be open the next time."""
        super().hideEvent(event)
        self._choices.replace([])

    @Slot()
    def _fill(self) -> None:
        choices: list[str | None] = [*matching(list(self._choices.icons), self.filter.text())]
        wanted = self.filter.text().strip().casefold()
        # Only a class is marked by itself: Enter alone must not take labels away.
        marks_first = bool(choices or wanted)
        if self._can_unlabel and wanted in NO_LABEL.casefold():
            choices.append(None)
        self._choices.replace(choices)
        self._mark(0 if marks_first else -1)
        self.nothing.setVisible(not choices)
        self.nothing.setText(
            "No class has this in its name." if self._choices.icons else "There are no classes yet."
        )
        rows = max(1, min(len(choices), MOST_ROWS))
        self.list.setFixedHeight(rows * max(22, self.list.sizeHintForRow(0)) + 4)
        self.list.setVisible(bool(choices))
        self.adjustSize()

    def _mark(self, row: int) -> None:
        self.list.setCurrentIndex(self._choices.index(row))

    @Slot(QModelIndex)
    def _take(self, index: QModelIndex) -> None:
        choice = self._choices.choices[index.row()]
        self.hide()
        self.class_chosen.emit(choice)
