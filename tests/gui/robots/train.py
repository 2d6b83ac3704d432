"""What a person does on the Train page."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tlstudio.gui.pages.train.page import TrainPage
from tlstudio.project.history import RunHistory
from tlstudio.report.history_values import curve_values


class TrainRobot:
    """Acts on a shown Train page, and reads what a person would read."""

    def __init__(self, page: TrainPage, qtbot) -> None:
        self.page = page
        self.qtbot = qtbot

    def show(self, width: int = 1256, height: int = 822) -> TrainRobot:
        self.qtbot.addWidget(self.page)
        self.page.resize(width, height)
        self.page.show()
        return self

    def press(self, name: str) -> None:
        button = getattr(self.page._headline, name)
        assert button.isVisible()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def sees(self, name: str) -> bool:
        return getattr(self.page._headline, name).isVisible()

    @property
    def chip(self) -> str:
        return self.page._headline.chip.text()

    @property
    def heading(self) -> str:
        return self.page._headline.name.text()

    @property
    def story(self) -> str:
        return self.page._story.text()

    @property
    def history(self) -> RunHistory:
        return self.page.follower.history

    @property
    def curves(self) -> dict[str, Any]:
        return curve_values(self.history)

    @property
    def checks(self) -> list[str]:
        return [finding.message for finding in self.page._checks.findings]

    @property
    def matrix(self) -> list[list[str]]:
        table = self.page._matrix.table
        if not table.isVisible():
            return []
        model = table.model()
        return [
            [model.index(i, j).data() for j in range(model.columnCount())] for i in range(model.rowCount())
        ]

    def wait_for_chip(self, *words: str) -> None:
        def shown() -> None:
            assert all(word in self.chip for word in words), self.chip

        self.qtbot.waitUntil(shown, timeout=15_000)

    def wait_for_epoch(self, epoch: int) -> None:
        def reached() -> bool:
            found = re.search(r"epoch (\d+) of", self.chip)
            return found is not None and int(found[1]) >= epoch

        self.qtbot.waitUntil(reached, timeout=15_000)

    def wait_for_curves(self) -> None:
        views = (self.page._loss.figure, self.page._accuracy.figure)
        self.qtbot.waitUntil(lambda: all(not view.image.isNull() for view in views), timeout=15_000)

    def is_empty(self) -> bool:
        return self.page._empty.isVisible()
