"""Estimates what the choice on the Model page costs on this computer, and shows it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QLabel, QWidget

from tlstudio.gui.app_state import AppState
from tlstudio.gui.engine_client import Job
from tlstudio.gui.pages.model.cost_text import COST_TIPS, cost_in_words, cost_rows
from tlstudio.gui.pages.model.facts import FactsCard

SETTLE_MS = 600
"""A choice must be unchanged for this long before it is measured: dragging the line passes many."""
MEASURING = "Measuring the cost…"
NOT_MEASURED = "The cost could not be measured. You can train all the same."
Known = dict[str, dict[str, Any] | None]
"""Estimates by recipe; None where it could not be measured."""


class Estimator(QObject):
    """Requests cost estimates from the engine, one at a time, with lower priority than any other job.

    Args:
        app_state: Its engine makes the estimates.
        known: Estimates made so far, when they are shared with another estimator.

    Signals:
        measured: Recipe and the values of an estimate, as plain values.
        failed: It could not be measured.
    """

    measured = Signal(dict, dict)
    failed = Signal()

    def __init__(
        self, app_state: AppState, parent: QObject | None = None, *, known: Known | None = None
    ) -> None:
        super().__init__(parent)
        self.known: Known = {} if known is None else known
        self._app_state = app_state
        self._requested: dict[str, Any] | None = None
        self._job: Job | None = None
        self._timer = QTimer(self, interval=SETTLE_MS, singleShot=True)
        self._timer.timeout.connect(self._submit)
        app_state.project_changed.connect(self.clear)
        app_state.images_changed.connect(self.clear)
        app_state.training_changed.connect(self.clear)
        app_state.job_started.connect(self._cancel_for_job)
        app_state.engine.busy_changed.connect(self._submit_when_idle)

    def request(self, recipe: Mapping[str, Any]) -> bool:
        """Estimate this recipe soon, instead of any other.

        Returns:
            Whether it is known already; then `measured` or `failed` was emitted before this returns.
        """
        wanted = {**recipe, "threads": recipe.get("threads") or self._app_state.threads}
        if wanted == self._requested and _key(wanted) not in self.known:
            return False  # already requested
        self.stop()
        self._requested = wanted
        if _key(wanted) in self.known:
            self._emit(wanted)
            return True
        self._timer.start()
        return False

    def stop(self) -> None:
        """Cancel the current request."""
        self._requested = None
        self._timer.stop()
        self._cancel_job()

    @Slot()
    def clear(self) -> None:
        """Drop all estimates, because the images or the cache changed."""
        self.known.clear()
        self.stop()

    def _cancel_job(self) -> None:
        if self._job is not None:
            self._job.command("cancel")
            self._job = None

    @Slot()
    def _submit(self) -> None:
        project = self._app_state.project
        if self._requested is not None and _key(self._requested) in self.known:
            self._emit(self._requested)  # the other estimator was faster
            return
        if self._requested is None or project is None or self._app_state.engine.open_jobs():
            return  # `_submit_when_idle` tries again
        # Neither in the footer nor, when it fails, in a banner: the person did not request it.
        self._job = self._app_state.engine.submit(
            "estimate", project=str(project.folder), recipe=self._requested
        )
        self._job.succeeded.connect(self._measured)
        self._job.failed.connect(self._not_measured)

    @Slot(object)
    def _cancel_for_job(self, _job: Job) -> None:
        self._cancel_job()

    @Slot(bool)
    def _submit_when_idle(self, busy: bool) -> None:
        if not busy and self._requested is not None and _key(self._requested) not in self.known:
            self._timer.start()

    @Slot(dict)
    def _measured(self, estimate: dict[str, Any]) -> None:
        if self._job is not None and self.sender() is self._job and self._requested is not None:
            self._job = None
            self.known[_key(self._requested)] = estimate
            self._emit(self._requested)

    @Slot(object)
    def _not_measured(self, _failure: object) -> None:
        if self._job is not None and self.sender() is self._job and self._requested is not None:
            self._job = None
            self.known[_key(self._requested)] = None
            self._emit(self._requested)

    def _emit(self, recipe: dict[str, Any]) -> None:
        estimate = self.known[_key(recipe)]
        if estimate is None:
            self.failed.emit()
        else:
            self.measured.emit(recipe, estimate)


def _key(recipe: Mapping[str, Any]) -> str:
    return json.dumps(recipe, sort_keys=True)


class CostCard(FactsCard):
    """Time, memory and disk of the choice."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Cost of this choice", parent)
        self.words = QLabel()
        self.words.setProperty("muted", True)
        self.words.setProperty("small", True)
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.body.addWidget(self.words)
        self.show_message("")

    def show_message(self, words: str) -> None:
        """Show empty rows, and a sentence that says why."""
        self._show_rows(dict.fromkeys(COST_TIPS, "–"))
        self._set_words(words)

    def show_measuring(self) -> None:
        """Show that the choice is being measured."""
        self._show_rows(dict.fromkeys(COST_TIPS, "…"))
        self._set_words(MEASURING)

    def show_cost(self, recipe: Mapping[str, Any], estimate: Mapping[str, Any]) -> None:
        """Show what was measured for a recipe."""
        self._show_rows(cost_rows(estimate))
        self._set_words(cost_in_words(recipe, estimate))

    def _show_rows(self, rows: Mapping[str, str]) -> None:
        self.set_facts({name: (rows[name], tip) for name, tip in COST_TIPS.items()})

    def _set_words(self, words: str) -> None:
        self.words.setText(words)
        self.words.setVisible(bool(words))
        self.setAccessibleDescription(words)
