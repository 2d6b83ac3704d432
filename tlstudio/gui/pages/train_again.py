"""A sentence that says what changed since the run was trained, with a button that trains again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QBoxLayout, QLabel, QWidget

from tlstudio.gui.app_state import AppState
from tlstudio.gui.pages.changes_since import TrainedOn, changes_since, read_trained_on
from tlstudio.gui.pages.home.recent_projects import run_title
from tlstudio.gui.widgets.basics.buttons import primary_button
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.project.runs import RunFolder

AFTER_MS = 150


@dataclass(frozen=True, slots=True)
class _Reading:
    owner: int
    run: RunFolder
    noted: datetime | None

    def __call__(self) -> TrainedOn:
        return read_trained_on(self.run, noted=self.noted)


class TrainAgainCard(Card):
    """Offers to train again: visible while images or labels differ from the run shown, and no training runs.

    Args:
        app_state: State of the window.
        direction: How the button lies to the sentence.

    Signals:
        started: A training was started.
    """

    started = Signal()

    def __init__(
        self, app_state: AppState, *, direction: QBoxLayout.Direction, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent=parent)
        self._app_state = app_state
        self._run: RunFolder | None = None
        self._trained_on: TrainedOn | None = None
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.button = primary_button(
            "Train &again", tip="Train a new run with the same settings on the images and labels of now"
        )
        self.button.clicked.connect(self._train)
        row = QBoxLayout(direction)
        row.setSpacing(8)
        row.addWidget(self.words, 1)
        row.addWidget(self.button)
        self.body.addLayout(row)
        self.hide()
        # Not after every single key press of a person who labels quickly.
        self._timer = QTimer(self, singleShot=True, interval=AFTER_MS)
        self._timer.timeout.connect(self._show)
        app_state.background.done.connect(self._read)
        app_state.images_changed.connect(self._timer.start)
        for signal in (app_state.project_changed, app_state.run_changed, app_state.training_changed):
            signal.connect(self._follow)
        self._follow()

    @Slot()
    def _follow(self) -> None:
        run = self._app_state.finished_run()
        if run != self._run:
            self._trained_on = None
        self._run = run
        if run is not None and self._trained_on is None:
            assert self._app_state.project is not None
            reading = _Reading(id(self), run, self._app_state.project.training_time(run.path.name))
            self._app_state.background.submit(reading, reading)
        self._show()

    @Slot(object, object)
    def _read(self, key: object, result: object) -> None:
        if isinstance(key, _Reading) and key.owner == id(self) and key.run == self._run:
            self._trained_on = result if isinstance(result, TrainedOn) else None
            self._show()

    @Slot()
    def _show(self) -> None:
        words, project = "", self._app_state.project
        is_ready = self._app_state.training is None and not self._app_state.is_reading_images
        if project is not None and self._run is not None and self._trained_on is not None and is_ready:
            images = self._app_state.images()
            changes = changes_since(self._trained_on, images, classes=project.classes())
            words = changes.words() if images else ""
            name = run_title(self._run.path.name)
            said = f"Since {name.lower()}: {words}. Its figures stay as they are until you train again."
            self.words.setText(" ".join(filter(None, (said, changes.caution()))))
        self.setVisible(bool(words))

    @Slot()
    def _train(self) -> None:
        if self._run is not None:
            self._app_state.train_again(self._run)
            self.started.emit()
