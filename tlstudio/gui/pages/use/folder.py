"""The card that predicts the class of every image in a folder: into a table, into class folders, or both."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QProgressBar, QWidget

from tlstudio.core.events import Event, StageProgress, WarningRaised
from tlstudio.gui.app_state import AppState
from tlstudio.gui.engine_client import Job
from tlstudio.gui.number_text import duration
from tlstudio.gui.pages.use.contents import prediction_findings
from tlstudio.gui.pages.use.outputs_dialog import ask_for_outputs
from tlstudio.gui.show_in_folder import show_in_folder
from tlstudio.gui.widgets.basics.buttons import quiet_button
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.flow import FlowLayout
from tlstudio.gui.widgets.lists.finding_list import FindingList, window_finding

INTRODUCTION = (
    "Gives the class of every image in a folder: as a table, or as copies in one folder per class. "
    "The images themselves are not moved or changed."
)
RESULTS_PIXELS = 150


class SortCard(Card):
    """Lets a person choose a folder and what to make of it, shows progress and then a summary."""

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__("Classify a whole folder", parent)
        self._app_state = app_state
        self._model = ""
        self._job: Job | None = None
        self._table: Path | None = None
        self._copies: Path | None = None
        self._notes: list[str] = []
        self.choose = quiet_button("Choose &folder…", tip=INTRODUCTION)
        self.cancel = quiet_button("&Cancel", tip="Stop now; rows and copies made so far stay.")
        self.show_table = quiet_button("Show the &table", tip="Show the table in its folder.")
        self.show_copies = quiet_button("Show the copie&s", tip="Show the class folders.")
        self.header.addWidget(self.choose)
        # Below the words: beside the title they would cut it, and take width from the export.
        self._buttons = QWidget()
        flow = FlowLayout(self._buttons, spacing=8)
        for button in (self.cancel, self.show_table, self.show_copies):
            flow.addWidget(button)
        self.words = QLabel(INTRODUCTION)
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setProperty("muted", True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of classifying")
        self.results = FindingList(name="Result of classifying")
        self.results.setMaximumHeight(RESULTS_PIXELS)
        row = QHBoxLayout()
        row.addWidget(self.bar, 1)
        self.body.addWidget(self.words)
        self.body.addLayout(row)
        self.body.addWidget(self.results, 1)
        self.body.addWidget(self._buttons)
        self.choose.clicked.connect(self._choose)
        self.cancel.clicked.connect(self._cancel)
        self.show_table.clicked.connect(self._show_table)
        self.show_copies.clicked.connect(self._show_copies)
        self._show_state()

    def set_model(self, model: str) -> None:
        """Predict with this run or exported model from now on."""
        self._model = model

    def sort_folder(self, folder: str) -> None:
        """Ask what to make of a folder, then start."""
        if self._model and self._job is None:
            ask_for_outputs(Path(folder), parent=self, start=partial(self._start, folder))

    def _start(self, folder: str, table: Path | None, copies: Path | None) -> None:
        if self._job is not None:
            return
        self._table, self._copies, self._notes = table, copies, []
        self.results.set_findings([])
        waits = self._app_state.training is not None
        self.words.setText("Waiting for the training to end …" if waits else f"Reading {folder} …")
        self.bar.setRange(0, 0)
        # The probabilities of many images would be too much for one message; the table holds them.
        self._job = self._app_state.submit(
            "predict",
            model=self._model,
            paths=[folder],
            csv=None if table is None else str(table),
            copy_to=None if copies is None else str(copies),
            probabilities=False,
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
        elif isinstance(event, WarningRaised):
            self._notes.append(event.message)

    @Slot(dict)
    def _done(self, result: Mapping[str, Any]) -> None:
        if self._table is not None:
            # Beside the place that was chosen, when that file was in use.
            self._table = Path(str(result.get("csv") or self._table))
        self.words.setText(f"The table is in {self._table}" if self._table else f"Done: {self._copies}")
        findings = prediction_findings(result["predictions"], has_table=self._table is not None)
        self.results.set_findings([*findings, *(window_finding("note", note) for note in self._notes)])

    @Slot()
    def _cancelled(self) -> None:
        kept = ""
        if self._table is not None and self._table.exists():
            kept = f" The rows so far are in {self._table}; the same folder and table go on from there."
        self.words.setText(f"Cancelled.{kept}")
        self.results.set_findings([window_finding("note", note) for note in self._notes])

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
        for button, path in ((self.show_table, self._table), (self.show_copies, self._copies)):
            button.setVisible(not busy and path is not None and path.exists())
        self._buttons.setVisible(
            not all(button.isHidden() for button in (self.cancel, self.show_table, self.show_copies))
        )

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
    def _show_table(self) -> None:
        self._show_path(self._table)

    @Slot()
    def _show_copies(self) -> None:
        self._show_path(self._copies)

    def _show_path(self, path: Path | None) -> None:
        if path is not None and not show_in_folder(path):
            self._app_state.status_message.emit(f"It is in {path.parent}")
