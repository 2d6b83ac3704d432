"""What a person does on the Data page."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QMessageBox

from tlstudio.gui.pages.data.page import DataPage
from tlstudio.gui.pages.data.split_dialog import SplitDialog


class DataRobot:
    """Acts on a shown Data page by mouse and keyboard, and reads what a person would read."""

    def __init__(self, page: DataPage, qtbot) -> None:
        self.page = page
        self.qtbot = qtbot

    def show(self, width: int = 1256, height: int = 822) -> DataRobot:
        self.qtbot.addWidget(self.page)
        self.page.resize(width, height)
        self.page.show()
        self.page.activateWindow()
        self.qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
        return self

    def press(self, key: Qt.Key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.page, key, modifier)

    def click_image(self, name: str, modifier=Qt.KeyboardModifier.NoModifier) -> None:
        grid = self.page.view.grid
        row = next(i for i, item in enumerate(grid.items()) if item.key.endswith(name))
        index = grid.model().index(row, 0)
        grid.scrollTo(index)
        place = grid.visualRect(index).center()
        QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, modifier, place)

    def click_class(self, name: str) -> None:
        classes = self.page.classes.list
        place = classes.visualRect(classes.index_of(name)).center()
        QTest.mouseClick(classes.viewport(), Qt.MouseButton.LeftButton, pos=place)

    def rename_class(self, old: str, new: str) -> None:
        classes = self.page.classes.list
        classes.setFocus()
        classes.show_chosen(old)
        QTest.keyClick(classes, Qt.Key.Key_F2)
        editor = classes.findChild(QLineEdit)
        editor.selectAll()
        QTest.keyClicks(editor, new)
        QTest.keyClick(editor, Qt.Key.Key_Return)
        # The name is taken over a moment later; either the class has it, or a question is asked.
        self.qtbot.waitUntil(
            lambda: old not in classes.names() or self.page.findChild(QMessageBox) is not None
        )

    def add_class(self, name: str) -> None:
        card = self.page.classes
        QTest.mouseClick(card.add, Qt.MouseButton.LeftButton)
        QTest.keyClicks(card.name, name)
        QTest.keyClick(card.name, Qt.Key.Key_Return)

    def answer(self, words: str) -> None:
        box = next(box for box in self.page.findChildren(QMessageBox) if box.isVisible())
        button = next(b for b in box.buttons() if b.text().replace("&", "") == words)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def show_only(self, button) -> None:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(12, 8))

    def search(self, text: str) -> None:
        self.page.view.search.setFocus()
        QTest.keyClicks(self.page.view.search, text)
        self.qtbot.waitUntil(lambda: not self.page._search_timer.isActive())

    def divide(self, *, validation: int, test: int) -> None:
        QTest.mouseClick(self.page.split.change, Qt.MouseButton.LeftButton)
        dialog = self.page.findChild(SplitDialog)
        dialog.validation.setValue(validation)
        dialog.test.setValue(test)
        QTest.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)

    def images(self) -> list[str]:
        return [item.key for item in self.page.view.grid.items()]

    def selected(self) -> list[str]:
        return self.page.view.grid.selected_keys()

    def label_of(self, name: str) -> str | None:
        return next(image.label() for image in self.page._app_state.images() if image.path.endswith(name))

    def counts(self) -> dict[str, int]:
        classes = self.page.classes.list
        return {row.look.name: row.count for row in classes.rows()}

    def drop(self, *paths: Path, on_class: str | None = None, image: QImage | None = None) -> None:
        """Drop files, or pixels, on the images or on a class."""
        data = QMimeData()
        if paths:
            data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        if image is not None:
            data.setImageData(image)
        place = QPointF(self.page.view.mapTo(self.page, self.page.view.rect().center()))
        classes = self.page.classes.list
        if on_class is not None:
            row = classes.visualRect(classes.index_of(on_class)).center()
            place = QPointF(classes.viewport().mapTo(self.page, row))
        buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        action = Qt.DropAction.CopyAction
        enter = QDragEnterEvent(place.toPoint(), action, data, buttons, keys)
        QApplication.sendEvent(self.page, enter)
        assert enter.isAccepted()
        QApplication.sendEvent(self.page, QDragMoveEvent(place.toPoint(), action, data, buttons, keys))
        assert classes.drop_row == (classes.names().index(on_class) if on_class is not None else -1)
        QApplication.sendEvent(self.page, QDropEvent(place, action, data, buttons, keys))

    def wait_for_images(self, count: int) -> None:
        state = self.page._app_state
        self.qtbot.waitUntil(lambda: len(state.images()) == count and not state.engine.open_jobs())

    def open_class_menu(self, name: str) -> QMenu:
        self.click_class(name)
        QTest.mouseClick(self.page.classes.change, Qt.MouseButton.LeftButton)
        return next(menu for menu in self.page.findChildren(QMenu) if menu.isVisible())

    def choose_in_menu(self, menu: QMenu, words: str) -> None:
        action = next(one for one in menu.actions() if words in one.text().replace("&", ""))
        menu.close()
        action.trigger()

    @property
    def large(self) -> str | None:
        """The image that is shown large, by its path; None when all are shown."""
        view = self.page.view.large
        return view.name.text() if view.isVisible() else None
