"""Has the engine run the checks of the data while nothing else is to be done, and shows what they find."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer, Slot

from tlstudio.core.finding import Finding, finding_from_values
from tlstudio.gui.app_state import AppState
from tlstudio.gui.engine_client import Job
from tlstudio.gui.pages.data.side import HealthCard

# Checks follow the labels, but not every single key press.
CHECK_AFTER_MS = 1500
# Features take long, and a person who goes on at once needs the engine.
FEATURES_AFTER_MS = 4000
CHECK, FEATURES = "check-project", "check-features"


class Checking(QObject):
    """Runs the quick checks first, then those that need features; both give way to everything else.

    Args:
        app_state: State of the window.
        health: Shows the findings.
    """

    def __init__(self, app_state: AppState, health: HealthCard) -> None:
        super().__init__(health)
        self._app_state, self._health = app_state, health
        self._quick: list[Finding] = []
        self._by_features: list[Finding] = []
        self._is_wanted = False
        self._timer, self._features_timer = QTimer(self), QTimer(self)
        for timer, slot in ((self._timer, self.check), (self._features_timer, self._check_features)):
            timer.setSingleShot(True)
            timer.timeout.connect(slot)
        app_state.job_started.connect(self._job_started)
        app_state.engine.busy_changed.connect(self._busy_changed)

    @Slot()
    def check_soon(self) -> None:
        """Check a moment after the last change."""
        self._features_timer.stop()
        self._timer.start(CHECK_AFTER_MS)

    @Slot()
    def check(self) -> None:
        """Check now, or once the engine has time."""
        self._timer.stop()
        self._features_timer.stop()
        project = self._app_state.project
        if project is None:
            return
        self._stop_features()
        # No checks during a training: their findings would come hours later, when other images are shown.
        self._is_wanted = any(job.operation != FEATURES for job in self._app_state.engine.open_jobs())
        if not self._is_wanted:
            self._health.show_message("Checking…" if not self._health.list.findings else "")
            self._app_state.submit(CHECK, project=str(project.folder))

    def stop(self) -> None:
        """Check nothing until it is asked for again."""
        self._timer.stop()
        self._features_timer.stop()

    def forget(self) -> None:
        """Forget what was found in other images."""
        self.stop()
        self._stop_features()
        self._quick, self._by_features = [], []
        self._health.set_findings([])
        self._health.show_message("The checks start once all images have been read.")

    @Slot()
    def _check_features(self) -> None:
        project = self._app_state.project
        if project is not None and not self._app_state.engine.open_jobs():
            self._app_state.submit(FEATURES, project=str(project.folder))

    def _stop_features(self) -> None:
        for job in self._app_state.engine.open_jobs():
            if job.operation == FEATURES:
                job.command("cancel")

    @Slot(object)
    def _job_started(self, job: Job) -> None:
        if job.operation == CHECK:
            job.succeeded.connect(self._checked)
        elif job.operation == FEATURES:
            job.succeeded.connect(self._features_checked)
        else:
            self._stop_features()

    @Slot(bool)
    def _busy_changed(self, busy: bool) -> None:
        if not busy and self._is_wanted:
            self._timer.start(CHECK_AFTER_MS)

    @Slot(dict)
    def _checked(self, result: dict[str, Any]) -> None:
        self._is_wanted = False
        self._quick = _findings(result)
        self._show()
        self._features_timer.start(FEATURES_AFTER_MS)

    @Slot(dict)
    def _features_checked(self, result: dict[str, Any]) -> None:
        self._by_features = _findings(result)
        self._show()

    def _show(self) -> None:
        self._health.set_findings([*self._quick, *self._by_features])


def _findings(result: dict[str, Any]) -> list[Finding]:
    return [finding_from_values(values) for values in result["findings"]]
