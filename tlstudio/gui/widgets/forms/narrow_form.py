"""A form for a narrow column: in larger text its labels stand above the fields, not beside them."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFormLayout

from tlstudio.gui.theme import theme

LARGE_TEXT = 1.1


class NarrowForm(QFormLayout):
    """A form layout that follows the text size."""

    def __init__(self) -> None:
        super().__init__()
        self.setHorizontalSpacing(10)
        self.setVerticalSpacing(6)
        self.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        theme().changed.connect(self._fit)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        policy = QFormLayout.RowWrapPolicy
        large = theme().text_scale >= LARGE_TEXT
        self.setRowWrapPolicy(policy.WrapAllRows if large else policy.DontWrapRows)
