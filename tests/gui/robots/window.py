"""Does with the window what a person does: drops, presses, chooses, reads."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMessageBox

from tlstudio.gui.main_window import MainWindow


class WindowRobot:
    """One person in front of one window."""

    def __init__(self, window: MainWindow, qtbot) -> None:
        self.window = window
        self.bot = qtbot

    # doing

    def drop(self, *paths: Path) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        middle = self.window.rect().center()
        buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        enter = QDragEnterEvent(QPoint(middle), Qt.DropAction.CopyAction, data, buttons, keys)
        QApplication.sendEvent(self.window, enter)
        assert enter.isAccepted()
        drop = QDropEvent(QPointF(middle), Qt.DropAction.CopyAction, data, buttons, keys)
        QApplication.sendEvent(self.window, drop)

    def press(self, key: Qt.Key, *, ctrl: bool = False) -> None:
        modifier = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
        self.bot.keyClick(QApplication.focusWidget() or self.window, key, modifier)

    def choose_step(self, page: str) -> None:
        self.bot.mouseClick(self.window.sidebar.button(page), Qt.MouseButton.LeftButton)

    def cancel_job(self) -> None:
        self.bot.mouseClick(self.window.status.cancel, Qt.MouseButton.LeftButton)

    def dismiss_message(self) -> None:
        self.bot.mouseClick(self.window.banner.close_button, Qt.MouseButton.LeftButton)

    def choose_run(self, title: str) -> None:
        next(action for action in self.window.header.run_menu.actions() if title in action.text()).trigger()

    def close_and_answer(self, answer: str) -> str:
        """Close the window, press a button of the dialog, and return its text; "" without a dialog."""
        asked: list[str] = []

        def press_button() -> None:
            box = QApplication.activeModalWidget()
            if not isinstance(box, QMessageBox):
                return
            asked.append(f"{box.text()} {box.informativeText()}")
            next(one for one in box.buttons() if answer in one.text().replace("&", "")).click()

        timer = QTimer(self.window, interval=50, singleShot=True)
        timer.timeout.connect(press_button)
        timer.start()
        self.window.close()
        timer.stop()
        return "".join(asked)

    # reading

    @property
    def page(self) -> str:
        return self.window.current_page

    @property
    def message(self) -> str:
        banner = self.window.banner
        return f"{banner.what.text()} {banner.rest.text()}" if banner.isVisible() else ""

    @property
    def footer(self) -> str:
        status = self.window.status
        return (
            f"{status.title.text()} {status.details.text()}" if status.is_showing_job else status.title.text()
        )

    @property
    def runs(self) -> list[str]:
        return [action.text() for action in self.window.header.run_menu.actions()]

    def step(self, page: str) -> str:
        return self.window.sidebar.button(page).accessibleName()
