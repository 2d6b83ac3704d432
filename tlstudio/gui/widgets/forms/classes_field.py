"""A few lines of text: one class each, and what it looks like."""

from __future__ import annotations

from PySide6.QtCore import QSize, QTimer, Signal, Slot
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QPlainTextEdit

from tlstudio.core.class_words import read_class_words
from tlstudio.core.errors import UserError
from tlstudio.gui.widgets.forms.column_field import TYPED_MS

LINES = 4
EXAMPLE = "ant: a small insect; it crawls\nbee: a striped insect that flies"


class ClassesField(QPlainTextEdit):
    """Takes classes in words.

    Attributes:
        problem: Why the text cannot be used; empty while it can.
        classes: Names of the classes.

    Signals:
        changed: The person typed another text, and paused or went elsewhere.
        problem_changed: `problem` changed.
    """

    changed = Signal(str)
    problem_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.problem = ""
        self.classes: tuple[str, ...] = ()
        self._taken = ""
        self.setPlaceholderText(EXAMPLE)
        self.setTabChangesFocus(True)
        self._typed = QTimer(self, interval=TYPED_MS, singleShot=True)
        self._typed.timeout.connect(self._take)
        self.textChanged.connect(self._typed.start)

    def value(self) -> str:
        """The text, without blanks around it."""
        return self._taken

    def set_value(self, text: str) -> None:
        """Show a text, without emitting `changed`."""
        self._taken = text
        self.setPlainText(text)
        self._judge()

    def sizeHint(self) -> QSize:
        """Room for a few lines."""
        margins = 2 * (self.frameWidth() + round(self.document().documentMargin()))
        return QSize(super().sizeHint().width(), LINES * self.fontMetrics().lineSpacing() + margins)

    def minimumSizeHint(self) -> QSize:
        """Not lower than the few lines."""
        return QSize(super().minimumSizeHint().width(), self.sizeHint().height())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take what was typed."""
        super().focusOutEvent(event)
        self._take()

    @Slot()
    def _take(self) -> None:
        self._typed.stop()
        text = self.toPlainText().strip()
        if text != self._taken:
            self._taken = text
            self._judge()
            self.changed.emit(text)

    def _judge(self) -> None:
        try:
            self.classes = tuple(words.name for words in read_class_words(self._taken))
            problem = ""
        except UserError as error:
            self.classes, problem = (), str(error)
        if problem != self.problem:
            self.problem = problem
            self.problem_changed.emit()
