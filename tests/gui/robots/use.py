"""What a person does on the Use page."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QPushButton, QWidget

from tlstudio.gui.pages.use.outputs_dialog import OutputsDialog
from tlstudio.gui.pages.use.page import UsePage


class UseRobot:
    """Acts on a shown Use page, and reads what a person would read."""

    def __init__(self, page: UsePage, qtbot) -> None:
        self.page = page
        self.qtbot = qtbot

    def show(self, width: int = 1256, height: int = 822) -> UseRobot:
        self.qtbot.addWidget(self.page)
        self.page.resize(width, height)
        self.page.show()
        return self

    def wait_until_ready(self) -> UseRobot:
        self.qtbot.waitUntil(lambda: bool(self.page.model), timeout=10_000)
        return self

    def press(self, button: QPushButton) -> None:
        assert button.isVisible()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def drop(self, *paths: Path) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        self._drop(self.page._try, data)

    def _drop(self, target: QWidget, data: QMimeData) -> None:
        where, buttons, keys = (
            target.rect().center(),
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        entered = QDragEnterEvent(where, Qt.DropAction.CopyAction, data, buttons, keys)
        QApplication.sendEvent(target, entered)
        assert entered.isAccepted()
        dropped = QDropEvent(QPointF(where), Qt.DropAction.CopyAction, data, buttons, keys)
        QApplication.sendEvent(target, dropped)

    def outputs_dialog(self) -> OutputsDialog:
        """The dialog that is open, when one is."""
        dialogs = [dialog for dialog in self.page.findChildren(OutputsDialog) if dialog.isVisible()]
        assert len(dialogs) == 1
        return dialogs[0]

    def tick(self, box: QCheckBox) -> None:
        QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(9, box.height() // 2))

    def wait_for_predictions(self, count: int) -> None:
        self.qtbot.waitUntil(lambda: len(self.page._try._predictions) == count, timeout=10_000)

    @property
    def verdict(self) -> str:
        return self.page._try.verdict.text()

    @property
    def bars(self) -> dict[str, float]:
        return self.page._try.bars.probabilities

    def row(self, format_id: str) -> list[str]:
        return self.page._export.table.texts(format_id)
