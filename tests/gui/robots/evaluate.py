"""What a person does on the Evaluate page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tlstudio.gui.pages.evaluate.page import EvaluatePage
from tlstudio.gui.pages.evaluate.predictions_card import PredictionsCard
from tlstudio.gui.widgets.lists.class_picker import ClassPicker


class EvaluateRobot:
    """Acts on a shown Evaluate page, and reads what a person would read."""

    def __init__(self, page: EvaluatePage, qtbot) -> None:
        self.page = page
        self.qtbot = qtbot

    def show(self, width: int = 1256, height: int = 822) -> EvaluateRobot:
        self.qtbot.addWidget(self.page)
        self.page.resize(width, height)
        self.page.show()
        return self

    def wait_for_figures(self, subset: str = "test") -> EvaluateRobot:
        self.qtbot.waitUntil(
            lambda: self.page.view.shown is not None and self.page.view.shown.subset == subset, timeout=10_000
        )
        return self

    @property
    def accuracy(self) -> str:
        return self.page.view.headline.accuracy.text()

    @property
    def words(self) -> str:
        return self.page.view.headline.words.text()

    @property
    def notes(self) -> list[str]:
        return [finding.message for finding in self.page.view.findings.list.findings]

    @property
    def empty_words(self) -> str:
        return self.page._empty.accessibleName() if self.page._empty.isVisible() else ""

    def choose_subset(self, subset: str) -> None:
        QTest.mouseClick(self.page.view.headline.chips[subset], Qt.MouseButton.LeftButton)

    def click_chosen_cell(self) -> None:
        """Click the cell that is chosen when the page opens, as if none were."""
        matrix = self.page.view.matrix
        place = matrix.visualRect(matrix.currentIndex()).center()
        matrix.choose_none()
        QTest.mouseClick(matrix.viewport(), Qt.MouseButton.LeftButton, pos=place)

    def open_cell_by_keyboard(self, true: int, predicted: int) -> None:
        table = self.page.view.matrix
        table.setFocus()
        table.setCurrentIndex(table.model().index(0, 0))
        for _ in range(true):
            QTest.keyClick(table, Qt.Key.Key_Down)
        for _ in range(predicted):
            QTest.keyClick(table, Qt.Key.Key_Right)
        QTest.keyClick(table, Qt.Key.Key_Return)

    def cell_images(self) -> list[str]:
        return [item.key for item in self.page.view.cell_card.grid.items()]

    def cell_captions(self) -> list[str]:
        return [item.caption for item in self.page.view.cell_card.grid.items()]

    def wrong_images(self) -> list[str]:
        return [item.key for item in self.page.view.wrong_card.grid.items()]

    def open_image(self, card: PredictionsCard, number: int = 0) -> None:
        grid = card.grid
        index = grid.model().index(number, 0)
        place = grid.visualRect(index).center()
        QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
        QTest.mouseDClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=place)

    def select_image(self, card: PredictionsCard, number: int = 0) -> str:
        key = card.grid.items()[number].key
        card.grid.select_key(key)
        return key

    def choose_class(self, name: str) -> None:
        picker = next(picker for picker in self.page.findChildren(ClassPicker) if picker.isVisible())
        QTest.keyClicks(picker.filter, name)
        QTest.keyClick(picker.filter, Qt.Key.Key_Return)
