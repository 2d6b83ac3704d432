"""Class probabilities in further label columns, below one another with the name of each column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from tlstudio.gui.widgets.figures.probability_bars import ProbabilityBars


class FurtherBars(QWidget):
    """Hidden where there is no further column.

    Attributes:
        bars: Those of each column, by its name.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bars: dict[str, ProbabilityBars] = {}
        self._names: list[QLabel] = []
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(4)
        self.hide()

    def show_columns(self, columns: Sequence[tuple[str, Mapping[str, float]]]) -> None:
        """Show the probabilities of each column.

        Args:
            columns: Name, and class name to probability.
        """
        if [name for name, _ in columns] != list(self.bars):
            self._build([name for name, _ in columns])
        for name, probabilities in columns:
            self.bars[name].set_probabilities(probabilities)
        self.setVisible(bool(columns))

    def _build(self, names: Sequence[str]) -> None:
        for widget in (*self._names, *self.bars.values()):
            widget.hide()
            self._rows.removeWidget(widget)
            widget.deleteLater()
        self._names, self.bars = [], {}
        for name in names:
            heading = QLabel(name)
            heading.setProperty("heading", True)
            heading.setTextFormat(Qt.TextFormat.PlainText)
            bars = ProbabilityBars(name=f"Class probabilities of {name}")
            self._names.append(heading)
            self.bars[name] = bars
            self._rows.addWidget(heading)
            self._rows.addWidget(bars)
