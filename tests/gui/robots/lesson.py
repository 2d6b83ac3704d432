"""What a person does in the first lesson."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tlstudio.gui.main_window import MainWindow


class LessonRobot:
    """One person who takes the first lesson in a window."""

    def __init__(self, window: MainWindow, qtbot) -> None:
        self.window = window
        self.bar = window.lesson
        self.qtbot = qtbot

    def open_sample(self) -> None:
        """Choose the sample on the home page, and wait until its images are read."""
        button = next(one for one in self.window.home.drop_zone.samples if one.text() == "Nuts and bolts")
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        app_state = self.window.app_state
        self.qtbot.waitUntil(
            lambda: bool(app_state.images()) and not app_state.engine.open_jobs(), timeout=120_000
        )

    def train(self) -> None:
        app_state = self.window.app_state
        app_state.train()
        self.qtbot.waitUntil(lambda: app_state.training is None, timeout=200_000)

    def says(self, *words: str) -> bool:
        """Return whether the lesson is shown and says all of this."""
        text = f"{self.bar.count.text()} {self.bar.title.text()} {self.bar.words.text()}"
        return self.bar.isVisible() and all(one in text for one in words)

    def press_show_me(self) -> None:
        QTest.mouseClick(self.bar.show_me, Qt.MouseButton.LeftButton)

    def press_leave(self) -> None:
        QTest.mouseClick(self.bar.leave_button, Qt.MouseButton.LeftButton)

    def restart(self) -> None:
        self.window.actions_.lesson.trigger()
