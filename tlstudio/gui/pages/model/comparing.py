"""Compares backbones on the project's images: a button, how far it is, and what each card says afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from tlstudio.core.events import Event, StageProgress
from tlstudio.core.percent import percent, percent_range
from tlstudio.core.rough import roughly
from tlstudio.core.wording import count
from tlstudio.gui.app_state import AppState
from tlstudio.gui.engine_client import Job
from tlstudio.gui.waiting import waiting_words
from tlstudio.gui.widgets.basics.buttons import link_button

COMPARE, COMPARING = "Co&mpare on my images", "Comparing…"
TIP = (
    "Try every backbone that is ready offline on at most 300 of your images, without the test images: how "
    "many are right when each image is judged by a head that has not seen it, and how quick it is here"
)

MATTERING = ("fit", "values", "split", "layout")
"""Settings whose change makes what was measured out of date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The figures of one backbone, in words.

    Attributes:
        words: One line for its card.
        tip: How it was measured, and how it compares with the best one.
    """

    words: str
    tip: str


class BackboneComparison(QObject):
    """The button that compares backbones, and its job.

    Args:
        app_state: Runs the job.

    Attributes:
        view: The button; while the job is open, how far that is and a button to cancel it.

    Signals:
        measured: `Measured` by the id of its backbone; empty when nothing is known of this project.
    """

    measured = Signal(dict)

    def __init__(self, app_state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self._job: Job | None = None
        self._ahead: Job | None = None
        self._counted = ""
        self.button = link_button(COMPARE, tip=TIP)
        self.button.clicked.connect(self._pressed)
        self.words = QLabel()
        self.words.setProperty("muted", True)
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.cancel = link_button("Cancel", tip="Do not compare the backbones; nothing else is stopped")
        self.cancel.clicked.connect(self._cancel)
        self.view = QWidget()
        row = QHBoxLayout(self.view)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.button)
        row.addWidget(self.words)
        row.addWidget(self.cancel)
        row.addStretch(1)
        app_state.project_changed.connect(self._forget)
        app_state.images_changed.connect(self._images_changed)
        app_state.folder.ended.connect(self._folder_read)
        app_state.recipe_changed.connect(self._recipe_changed)
        self._measured_with: list[Any] = []
        self._measured_on: list[tuple[str | None, ...]] = []
        self._is_read_first = False
        app_state.training_changed.connect(self._show_state)
        self._show_state()

    @Slot()
    def _pressed(self) -> None:
        project = self._app_state.project
        if project is not None:
            self._measured_with, self._counted = self._settings(), ""
            self._measured_on = self._images()
            # Its turn comes when the folder has been read: it measures what the window does not know yet.
            self._is_read_first = self._app_state.is_reading_folder
            self._job = self._app_state.submit(
                "rank-project", project=str(project.folder), recipe=self._app_state.recipe()
            )
            self._job.succeeded.connect(self._succeeded)
            self._job.ended.connect(self._ended)
            self._job.cancelling.connect(self._show_state)
            self._job.event_received.connect(self._event_received)
        self._show_state()

    @Slot()
    def _cancel(self) -> None:
        if self._job is not None:
            self._job.command("cancel")

    @Slot(object)
    def _event_received(self, event: Event) -> None:
        if self.sender() is self._job:
            if isinstance(event, StageProgress) and event.total:
                self._counted = f" {event.done} of {event.total}"
            self._show_state()

    @Slot(dict)
    def _succeeded(self, result: dict[str, Any]) -> None:
        if self.sender() is self._job:
            self.measured.emit(comparison_texts(result["backbones"]))

    @Slot()
    def _ended(self) -> None:
        if self.sender() is self._job:
            self._job = None
            self._show_state()

    @Slot()
    def _images_changed(self) -> None:
        if not self._measured_with:
            return
        images = self._images()
        if self._is_read_first or self._waits():
            self._measured_on = images
            self._folder_read()
        elif self._measured_on != images:
            self._forget()

    @Slot()
    def _folder_read(self) -> None:
        if not self._app_state.is_reading_folder:
            self._is_read_first = False

    def _images(self) -> list[tuple[str | None, ...]]:
        """The values on which the figures depend; reading the folder again may change none of them."""
        images = self._app_state.images()
        return [(image.path, image.sha256, image.label(), image.split) for image in images]

    def _waits(self) -> bool:
        return self._job is not None and self._app_state.engine.ahead_of(self._job) is not None

    @Slot()
    def _recipe_changed(self) -> None:
        if self._measured_with and self._measured_with != self._settings():
            self._forget()

    def _settings(self) -> list[Any]:
        recipe = self._app_state.recipe()
        return [recipe.get(name) for name in MATTERING]

    @Slot()
    def _forget(self) -> None:
        if self._job is not None:
            self._job.command("cancel")
            self._job = None
        self._measured_with, self._measured_on, self._is_read_first = [], [], False
        self.measured.emit({})
        self._show_state()

    @Slot()
    def _show_state(self) -> None:
        is_possible = self._app_state.project is not None and self._app_state.training is None
        job = self._job
        self.button.setEnabled(is_possible and job is None)
        self.button.setVisible(job is None)
        self.words.setVisible(job is not None)
        self.cancel.setVisible(job is not None)
        if job is None:
            return
        ahead = self._app_state.engine.ahead_of(job)
        if job.is_cancelling:
            self.words.setText("Cancelling…")
        elif ahead is not None:
            if ahead is not self._ahead:
                self._ahead = ahead
                ahead.ended.connect(self._show_state)
            self.words.setText(waiting_words(ahead))
        else:
            self.words.setText(f"{COMPARING}{self._counted}")
        self.cancel.setEnabled(not job.is_cancelling)


def comparison_texts(rows: Sequence[Mapping[str, Any]]) -> dict[str, Measured]:
    """Return the words for each backbone's card, by id, from the rows of `rank --json`."""
    return {row["id"]: _texts(row, best=rows[0]) for row in rows}


def _texts(row: Mapping[str, Any], *, best: Mapping[str, Any]) -> Measured:
    words = (
        f"Your images: {percent(row['accuracy'])} right ({percent_range(*row['interval'])} %), "
        f"about {roughly(row['seconds_per_1000'])} s per 1000 images"
    )
    _, high = row["difference_interval"]
    if row is best:
        judgement = "The most accurate one here."
    elif high < 0:
        judgement = f"Clearly less accurate than {best['title']} here."
    else:
        judgement = f"Not clearly less accurate than {best['title']} here; among such take the fastest."
    measured = (
        f"Each of {count(row['n'], 'image')} was judged by a head that had not seen it; in brackets the 95 % "
        "interval. For comparing backbones: on new images a little fewer will be right."
    )
    return Measured(words=words, tip=f"{judgement} {measured}")
