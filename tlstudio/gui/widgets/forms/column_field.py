"""A choice among the columns of a table and other rules, or one that the person types."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QLineEdit

from tlstudio.gui.widgets.basics.scroll_safe import ScrollSafeComboBox


class ColumnField(ScrollSafeComboBox):
    """An editable list of rules: columns, folders, and parts of the file name.

    Signals:
        changed: The person chose or typed another rule; empty when it was taken away.
    """

    changed = Signal(str)
    problem = ""

    def __init__(self) -> None:
        super().__init__()
        self._rule = ""
        self._text = QLineEdit()
        self._text.setPlaceholderText("Choose, or type a column")
        self.setEditable(True)
        self.setLineEdit(self._text)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setMinimumContentsLength(12)
        self.setCurrentIndex(-1)
        self.activated.connect(self._finished)
        self._text.editingFinished.connect(self._finished)

    def set_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        """Offer these: rule and title of each."""
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

    @Slot()
    def _finished(self) -> None:
        self._text.setModified(False)
        text = self.currentText().strip()
        place = self.findText(text)
        rule = str(self.itemData(place)) if place >= 0 else text
        if rule != self._rule:
            self._rule = rule
            self.changed.emit(rule)
