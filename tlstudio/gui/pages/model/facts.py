"""A card that lists names and values."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from tlstudio.gui.widgets.basics.card import Card


class FactsCard(Card):
    """Lists facts in rows: a name, and a value to its right."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(1, 1)
        self.body.addLayout(self._grid)
        self.values: dict[str, QLabel] = {}

    def set_facts(self, facts: Mapping[str, tuple[str, str]]) -> None:
        """Show facts: name to value and tip."""
        for name, (value, tip) in facts.items():
            if name not in self.values:
                self._add(name)
            label = self.values[name]
            label.setText(value)
            label.setToolTip(tip)
            label.setAccessibleName(f"{name}: {value}")

    def _add(self, name: str) -> None:
        row = self._grid.rowCount()
        words, value = QLabel(name), QLabel()
        words.setProperty("muted", True)
        value.setAlignment(Qt.AlignmentFlag.AlignRight)
        value.setWordWrap(True)
        value.setTextFormat(Qt.TextFormat.PlainText)
        self._grid.addWidget(words, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, row, 1)
        self.values[name] = value
