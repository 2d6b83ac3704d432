"""The times of the simple view's choices, measured one after the other while nothing else is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from tlstudio.gui.app_state import AppState
from tlstudio.gui.pages.model.cost import Estimator, Known


class WayTimes(QObject):
    """Requests an estimate for each choice.

    Args:
        app_state: Its engine makes the estimates.
        known: Estimates that are shared with another estimator.

    Signals:
        measured: Id of the choice, and the values of its estimate.
    """

    measured = Signal(str, dict)

    def __init__(self, app_state: AppState, *, known: Known, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._estimator = Estimator(app_state, self, known=known)
        self._estimator.measured.connect(self._arrived)
        self._estimator.failed.connect(self._go_on)
        self._waiting: dict[str, Mapping[str, Any]] = {}
        self._current = ""

    def request(self, recipes: Mapping[str, Mapping[str, Any]]) -> None:
        """Estimate these recipes, by the id of their choice, instead of any before."""
        self._waiting = dict(recipes)
        self._go_on()

    def stop(self) -> None:
        """Estimate none of them any more."""
        self._waiting.clear()
        self._estimator.stop()

    @Slot(dict, dict)
    def _arrived(self, _recipe: dict[str, Any], estimate: dict[str, Any]) -> None:
        self.measured.emit(self._current, estimate)
        self._go_on()

    @Slot()
    def _go_on(self) -> None:
        if self._waiting:
            self._current = next(iter(self._waiting))
            self._estimator.request(self._waiting.pop(self._current))
