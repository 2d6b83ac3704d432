"""What the choice on the Model page will take here: measured by the engine while nothing else wants it."""

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
"""A choice must stand still this long before it is measured: who drags the line passes many."""
MEASURING = "Measuring this choice…"
NOT_MEASURED = "This choice could not be measured; training it works all the same."


class Estimator(QObject):
    """Asks the engine what a run would take: one question at a time, and never in the way of a person's job.

    Args:
        app_state: Its engine is asked.

    Signals:
        measured: Recipe and the values of an estimate, as plain values.
        failed: It could not be measured.
    """

    measured = Signal(dict, dict)
    failed = Signal()

    def __init__(self, app_state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self._wanted: dict[str, Any] | None = None
        self._known: dict[str, dict[str, Any] | None] = {}
        self._job: Job | None = None
        self._timer = QTimer(self, interval=SETTLE_MS, singleShot=True)
        self._timer.timeout.connect(self._ask)
        app_state.project_changed.connect(self.forget)
        app_state.images_changed.connect(self.forget)
        app_state.training_changed.connect(self.forget)
        app_state.job_started.connect(self._make_way)
        app_state.engine.busy_changed.connect(self._ask_when_idle)

    def want(self, recipe: Mapping[str, Any]) -> bool:
        """Measure this recipe soon, instead of any other.

        Returns:
            Whether it is known already; `measured` or `failed` came before this returns.
        """
        wanted = {**recipe, "threads": recipe.get("threads") or self._app_state.threads}
        if wanted == self._wanted and _key(wanted) not in self._known:
            return False  # on its way
        self.stop()
        self._wanted = wanted
        if _key(wanted) in self._known:
            self._tell(wanted)
            return True
        self._timer.start()
        return False

    def stop(self) -> None:
        """Nobody wants to know any more."""
        self._wanted = None
        self._timer.stop()
        self._leave()

    @Slot()
    def forget(self) -> None:
        """What was measured is no longer so: other images, or a fuller cache."""
        self._known.clear()
        self.stop()

    def _leave(self) -> None:
        if self._job is not None:
            self._job.command("cancel")
            self._job = None

    @Slot()
    def _ask(self) -> None:
        project = self._app_state.project
        if self._wanted is None or project is None or self._app_state.engine.open_jobs():
            return  # `_ask_when_idle` comes back
        # Neither in the footer nor, when it fails, in a banner: nobody asked for it.
        self._job = self._app_state.engine.submit(
            "estimate", project=str(project.folder), recipe=self._wanted
        )
        self._job.succeeded.connect(self._measured)
        self._job.failed.connect(self._not_measured)

    @Slot(object)
    def _make_way(self, _job: Job) -> None:
        self._leave()

    @Slot(bool)
    def _ask_when_idle(self, busy: bool) -> None:
        if not busy and self._wanted is not None and _key(self._wanted) not in self._known:
            self._timer.start()

    @Slot(dict)
    def _measured(self, estimate: dict[str, Any]) -> None:
        if self._job is not None and self.sender() is self._job and self._wanted is not None:
            self._job = None
            self._known[_key(self._wanted)] = estimate
            self._tell(self._wanted)

    @Slot(object)
    def _not_measured(self, _failure: object) -> None:
        if self._job is not None and self.sender() is self._job and self._wanted is not None:
            self._job = None
            self._known[_key(self._wanted)] = None
            self._tell(self._wanted)

    def _tell(self, recipe: dict[str, Any]) -> None:
        estimate = self._known[_key(recipe)]
        if estimate is None:
            self.failed.emit()
        else:
            self.measured.emit(recipe, estimate)


def _key(recipe: Mapping[str, Any]) -> str:
    return json.dumps(recipe, sort_keys=True)


class CostCard(FactsCard):
    """Time, memory and disk of the choice. Old figures stay, marked as such, until there are new ones."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Cost of this choice", parent)
        self.words = QLabel()
        self.words.setProperty("muted", True)
        self.words.setProperty("small", True)
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.body.addWidget(self.words)
        self._is_known = False
        self.show_message("")

    def show_message(self, words: str) -> None:
        """Why nothing is known of this choice; the rows are empty."""
        self._is_known = False
        self._show_rows(dict.fromkeys(COST_TIPS, "–"))
        self._set_words(words)

    def measure(self) -> None:
        """It is on its way."""
        if not self._is_known:
            self._show_rows(dict.fromkeys(COST_TIPS, "…"))
        self._set_words(MEASURING)

    def show_cost(self, recipe: Mapping[str, Any], estimate: Mapping[str, Any]) -> None:
        """Show what was measured for a recipe."""
        self._is_known = True
        self._show_rows(cost_rows(estimate))
        self._set_words(cost_in_words(recipe, estimate))

    def _show_rows(self, rows: Mapping[str, str]) -> None:
        self.set_facts({name: (rows[name], tip) for name, tip in COST_TIPS.items()})

    def _set_words(self, words: str) -> None:
        self.words.setText(words)
        self.words.setVisible(bool(words))
        self.setAccessibleDescription(words)
