"""A choice among the columns of a table and other rules, or one that the person types."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QComboBox, QLineEdit

from tlstudio.gui.engine_client import Background
from tlstudio.gui.widgets.basics.scroll_safe import ScrollSafeComboBox

TYPED_MS = 400
"""Pause in the typing after which the rule counts: Enter need not be known."""


class ColumnField(ScrollSafeComboBox):
    """An editable list of rules: columns, folders, and parts of the file name.

    Args:
        background: Judges what is typed, which takes long for a slow pattern and many images.

    Attributes:
        problem: Why the rule cannot be used; empty while it can, or while that is not known.

    Signals:
        changed: The person chose or typed another rule; empty when it was taken away.
        problem_changed: `problem` changed.
    """

    changed = Signal(str)
    problem_changed = Signal()

    def __init__(self, *, background: Background) -> None:
        super().__init__()
        self.problem = ""
        self._background = background
        self._judgement = object()
        background.done.connect(self._judged)
        self._rule = ""
        self._problem_of: Callable[[str], str] | None = None
        self._text = QLineEdit()
        self._text.setPlaceholderText("Choose, or type a column")
        self.setEditable(True)
        self.setLineEdit(self._text)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setMinimumContentsLength(12)
        self.setCurrentIndex(-1)
        self._typed = QTimer(self, interval=TYPED_MS, singleShot=True)
        self._typed.timeout.connect(self._take)
        self._text.textEdited.connect(self._typed.start)
        self.activated.connect(self._finished)
        self._text.editingFinished.connect(self._finished)

    def set_choices(
        self, choices: Sequence[tuple[str, str]], *, problem_of: Callable[[str], str] | None
    ) -> None:
        """Offer rules.

        Args:
            choices: Rule and title of each.
            problem_of: Says why a rule cannot be used, empty when it can; None while that is not known.
        """
        self._problem_of = problem_of
        typed = self._text.text() if self._text.isModified() else None
        self.clear()
        for rule, title in choices:
            self.addItem(title, rule)
        self.set_value(self._rule)
        if typed is not None:  # the person is typing just now
            self.setEditText(typed)
            self._text.setModified(True)

    def value(self) -> str:
        """The rule: a column or a pattern."""
        return self._rule

    def set_value(self, rule: str) -> None:
        """Show a rule, without emitting `changed`."""
        self._rule = rule
        self._text.setModified(False)
        self.setCurrentIndex(self.findData(rule) if rule else -1)
        if self.currentIndex() < 0:
            self.setEditText(rule)
        self._judge()

    def _judge(self) -> None:
        self._judgement = object()  # what is still being judged does not count
        problem_of, rule = self._problem_of, self._rule
        if problem_of is None or not rule:
            self._show_problem("")
        else:
            self._background.submit(self._judgement, lambda: problem_of(rule))

    @Slot(object, object)
    def _judged(self, key: object, problem: object) -> None:
        if key is self._judgement:
            self._show_problem(problem if isinstance(problem, str) else "")

    def _show_problem(self, problem: str) -> None:
        if problem != self.problem:
            self.problem = problem
            self.problem_changed.emit()

    @Slot()
    def _finished(self) -> None:
        self._text.setModified(False)
        self._take()

    @Slot()
    def _take(self) -> None:
        self._typed.stop()
        text = self.currentText().strip()
        place = self.findText(text)
        rule = str(self.itemData(place)) if place >= 0 else text
        if rule != self._rule:
            self._rule = rule
            self._judge()
            self.changed.emit(rule)
