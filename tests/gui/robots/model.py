"""What a person does on the Model page."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tlstudio.gui.pages.model.page import ModelPage


class ModelRobot:
    """Acts on a shown Model page by mouse and keyboard, and reads what a person would read."""

    def __init__(self, page: ModelPage, qtbot) -> None:
        self.page = page
        self.qtbot = qtbot

    def show(self, width: int = 1256, height: int = 822, *, simple: bool = False) -> ModelRobot:
        self.qtbot.addWidget(self.page)
        if not simple:
            self.page.views.all_settings.click()
        self.page.resize(width, height)
        self.page.show()
        self.page.activateWindow()
        self.qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
        return self

    def choose(self, backbone_id: str) -> None:
        card = self.page.backbones.cards[backbone_id]
        QTest.mouseClick(card, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))

    def press_download(self, backbone_id: str) -> None:
        QTest.mouseClick(self.page.backbones.cards[backbone_id].download, Qt.MouseButton.LeftButton)

    def press_preset(self, chip) -> None:
        QTest.mouseClick(chip, Qt.MouseButton.LeftButton)

    def line_key(self, key: Qt.Key) -> None:
        self.page.freezing.stack.setFocus()
        QTest.keyClick(self.page.freezing.stack, key)

    def drag_line_to(self, stage: str) -> None:
        """Drag the line to right below this stage."""
        stack = self.page.freezing.stack
        names = [row.name for row in stack.stages()]
        start = QPoint(60, round(stack.line_y()))
        end = QPoint(60, round(stack._boundary(names.index(stage))))
        QTest.mousePress(stack, Qt.MouseButton.LeftButton, pos=start)
        for step in range(1, 6):
            QTest.mouseMove(stack, start + (end - start) * step / 5)
        QTest.mouseRelease(stack, Qt.MouseButton.LeftButton, pos=end)

    def click_stage(self, stage: str) -> None:
        stack = self.page.freezing.stack
        names = [row.name for row in stack.stages()]
        place = stack.row_rect(names.index(stage)).center().toPoint()
        QTest.mouseClick(stack, Qt.MouseButton.LeftButton, pos=place)

    def choose_way(self, way: str) -> None:
        """Press a card of the simple view."""
        QTest.mouseClick(self.page.simple.cards[way], Qt.MouseButton.LeftButton, pos=QPoint(20, 20))

    def choose_strategy(self, strategy: str) -> None:
        button = self.page.strategy.buttons[strategy]
        QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(8, button.height() // 2))

    def drop_folder(self, name: str, folder: Path) -> None:
        """Drop a folder onto the zone of an input."""
        zone = self.page.needs.inputs[name].control
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(folder))])
        buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        action = Qt.DropAction.CopyAction
        QApplication.sendEvent(zone, QDragEnterEvent(QPoint(9, 9), action, data, buttons, keys))
        QApplication.sendEvent(zone, QDropEvent(QPointF(9, 9), action, data, buttons, keys))

    def press_key_in_option(self, name: str, key: Qt.Key) -> None:
        QTest.keyClick(self.page.needs.options.fields[name].widget, key)

    def type_option(self, name: str, text: str, *, finish: bool = True) -> None:
        """Type over an option's value; Enter ends it."""
        box = self.page.needs.options.fields[name].widget
        box.setFocus()
        box.selectAll()
        QTest.keyClicks(box, text)
        if finish:
            QTest.keyClick(box, Qt.Key.Key_Return)

    def train(self) -> None:
        QTest.mouseClick(self.page.train_button, Qt.MouseButton.LeftButton)

    def recipe(self, *keys: str):
        value = self.page._app_state.recipe()
        for key in keys:
            value = value[key]
        return value

    def shown_backbones(self) -> list[str]:
        return [name for name, card in self.page.backbones.cards.items() if not card.isHidden()]

    def cost(self, name: str) -> str:
        return self.page.cost.values[name].text()

    @property
    def cost_words(self) -> str:
        return self.page.cost.words.text()

    def wait_for_cost(self, whole_run: str) -> None:
        self.qtbot.waitUntil(lambda: self.cost("whole run") == whole_run)

    def wait_for_words(self, words: str) -> None:
        self.qtbot.waitUntil(lambda: words in self.cost_words)
