"""The card that predicts the class of every image in a folder and writes one CSV file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QProgressBar, QWidget

from tlstudio.core.events import Event, StageProgress
from tlstudio.gui.app_state import AppState
from tlstudio.gui.engine_client import Job
from tlstudio.gui.number_text import duration
from tlstudio.gui.pages.use.contents import prediction_findings
from tlstudio.gui.widgets.basics.buttons import quiet_button
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.lists.finding_list import FindingList

INTRODUCTION = (
    "Writes a table (CSV) with the class and the probabilities of every image in a folder. "
    "The images are not moved or changed."
)
RESULTS_PIXELS = 96


class SortCard(Card):
    """Lets a person choose a folder and a file, shows progress and then a summary."""

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__("Sort a whole folder", parent)
        self._app_state = app_state
        self._model = ""
        self._job: Job | None = None
        self._csv = ""
        self.choose = quiet_button("Choose &folder…", tip=INTRODUCTION)
        self.cancel = quiet_button("&Cancel", tip="Stop sorting; no table is written.")
        self.show_file = quiet_button("Show the &table", tip="Open the folder that holds the table.")
        for button in (self.show_file, self.cancel, self.choose):
            self.header.addWidget(button)
        self.words = QLabel(INTRODUCTION)
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setProperty("muted", True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of sorting")
        self.results = FindingList(name="What came of sorting")
        self.results.setMaximumHeight(RESULTS_PIXELS)
        row = QHBoxLayout()
        row.addWidget(self.bar, 1)
        self.body.addWidget(self.words)
        self.body.addLayout(row)
        self.body.addWidget(self.results, 1)
        self.choose.clicked.connect(self._choose)
        self.cancel.clicked.connect(self._cancel)
        self.show_file.clicked.connect(self._show_file)
        self._show_state()

    def set_model(self, model: str) -> None:
        """Predict with this run or exported model from now on."""
        self._model = model

    def sort_folder(self, folder: str) -> None:
        """Ask where to write the table, then start."""
        if not self._model or self._job is not None:
            return
        # Beside the folder, never in it: nothing is written among a person's images.
        proposed = Path(folder).parent / f"{Path(folder).name} predictions.csv"
        csv, _ = QFileDialog.getSaveFileName(self, "Write the table", str(proposed), "Table (*.csv)")
        if not csv:
            return
        self._csv = csv
        self.results.set_findings([])
        waits = self._app_state.training is not None
        self.words.setText("Waiting for the training to end …" if waits else f"Reading {folder} …")
        self.bar.setRange(0, 0)
        # The probabilities of many images would be too much for one message; the table holds them.
        self._job = self._app_state.submit(
            "predict", model=self._model, paths=[folder], csv=csv, probabilities=False
        )
        self._job.event_received.connect(self._event_received)
        self._job.succeeded.connect(self._done)
        self._job.cancelled.connect(self._cancelled)
        self._job.failed.connect(self._failed)
        self._job.ended.connect(self._ended)
        self._show_state()

    @Slot(object)
    def _event_received(self, event: Event) -> None:
        if isinstance(event, StageProgress) and event.total:
            self.bar.setRange(0, event.total)
            self.bar.setValue(event.done)
            left = f" · {duration(event.seconds_left)} left" if event.seconds_left is not None else ""
            self.words.setText(f"{event.done} of {event.total} images{left}")

    @Slot(dict)
    def _done(self, result: Mapping[str, Any]) -> None:
        self.words.setText(f"The table is in {self._csv}")
        self.results.set_findings(prediction_findings(result["predictions"]))

    @Slot()
    def _cancelled(self) -> None:
        self.words.setText("Cancelled; no table was written.")

    @Slot()
    def _failed(self) -> None:
        self.words.setText(INTRODUCTION)  # the banner says what went wrong

    @Slot()
    def _ended(self) -> None:
        self._job = None
        self._show_state()

    def _show_state(self) -> None:
        busy = self._job is not None
        self.bar.setVisible(busy)
        self.cancel.setVisible(busy)
        self.choose.setEnabled(not busy)
        self.results.setVisible(bool(self.results.findings))
        self.show_file.setVisible(not busy and bool(self.results.findings))

    @Slot()
    def _choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Choose a folder of images")
        if folder:
            self.sort_folder(folder)

    @Slot()
    def _cancel(self) -> None:
        if self._job is not None:
            self._job.command("cancel")

    @Slot()
    def _show_file(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self._csv).parent)))
