"""A card with what the checks of a classifier found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from tlstudio.core.finding import Finding, finding_from_values, most_severe_first
from tlstudio.core.types import SPLIT_NAMES
from tlstudio.evaluation.evaluation import Evaluation
from tlstudio.gui.app_state import AppState
from tlstudio.gui.pages.evaluate.text import findings_of
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.chip import Chip
from tlstudio.gui.widgets.lists.finding_list import SPACING_PIXELS, FindingList, window_finding
from tlstudio.project.runs import RunFolder

LEAST_PIXELS = 90


class FindingsCard(Card):
    """The findings of an evaluation; a run stored without any is examined by the engine.

    As many are shown as fit whole, the gravest first, and the others on demand.

    Args:
        app_state: State of the window.

    Signals:
        images_requested: A `Finding` whose images are to be shown.
    """

    images_requested = Signal(object)

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__("What this means", parent)
        self._app_state = app_state
        self._shown: tuple[Evaluation, RunFolder, str] | None = None
        self._warnings: tuple[Finding, ...] = ()
        self._examinations: dict[QObject, RunFolder] = {}
        self._examined: dict[RunFolder, Mapping[str, Any]] = {}
        self.list = FindingList(name="What these figures mean", shows_images=True)
        self.list.show_requested.connect(self.images_requested)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.viewport().installEventFilter(self)
        self.more = Chip("", tip="Show all that the checks found, or only the gravest.")
        keeps_room = self.more.sizePolicy()
        keeps_room.setRetainSizeWhenHidden(True)
        self.more.setSizePolicy(keeps_room)
        self.more.clicked.connect(self._show_more)
        self._shows_all = False
        self.body.addWidget(self.list, 1)
        self.body.addWidget(self.more)

    def show_evaluation(
        self, evaluation: Evaluation, run: RunFolder, *, problem: str, warnings: Sequence[Finding] = ()
    ) -> None:
        """Show the findings of an evaluation.

        Args:
            evaluation: Of a split of the run, or of a folder.
            run: Which run.
            problem: Why predictions are missing; may be empty.
            warnings: Shown with the findings.
        """
        if not evaluation.findings and evaluation.subset in SPLIT_NAMES and run not in self._examined:
            self._examine(run)
        if self._shown is None or run != self._shown[1]:
            self._shows_all = False
        self._shown = (evaluation, run, problem)
        self._warnings = tuple(warnings)
        self._show()

    def _show(self) -> None:
        if self._shown is None:
            return
        evaluation, run, problem = self._shown
        findings = findings_of(evaluation, problem=problem)
        if not evaluation.findings and evaluation.subset in SPLIT_NAMES:
            if run in self._examined:
                values = self._examined[run].get(evaluation.subset, [])
                examined = replace(evaluation, findings=tuple(map(finding_from_values, values)))
                findings = findings_of(examined, problem=problem)
            elif run in self._examinations.values():
                findings.append(window_finding("note", "The checks are running…"))
            else:
                findings.append(window_finding("note", "The checks did not run."))
        found = most_severe_first([*findings, *self._warnings])
        self.list.set_findings([self._with_known_images(finding) for finding in found])
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Fit the findings into the room that the list has now."""
        if watched is self.list.viewport() and event.type() == QEvent.Type.Resize:
            self._fit()
        return super().eventFilter(watched, event)

    @Slot()
    def _show_more(self) -> None:
        self._shows_all = not self._shows_all
        self._fit()

    def _fit(self) -> None:
        """Show those that fit whole; the card never becomes higher than all of them are."""
        heights = self.list.heights()
        if not heights:
            self.more.hide()
            return
        around = self.height() - self.list.height()
        needed = sum(heights)
        fit = sum(used <= self.list.height() + SPACING_PIXELS for used in accumulate(heights))
        shown = len(heights) if self._shows_all else max(fit, 1)
        for number, button in enumerate(self.list.buttons):
            button.setVisible(number < shown)
        hidden = len(heights) - shown
        self.more.setText(f"{hidden} more ▾" if hidden > 0 else "Fewer ▴")
        self.more.setVisible(hidden > 0 or self._shows_all)
        self.setMaximumHeight(max(needed + around, LEAST_PIXELS))
        self.setMinimumHeight(needed + around if self._shows_all else 0)

    def _with_known_images(self, finding: Finding) -> Finding:
        """The finding without images if the project has none of them, so that it offers none."""
        is_known = any(self._app_state.image(path) is not None for path in finding.paths)
        return finding if is_known else replace(finding, paths=())

    def _examine(self, run: RunFolder) -> None:
        if run not in self._examinations.values():
            job = self._app_state.submit("examine-run", run=str(run.path))
            self._examinations[job] = run
            job.succeeded.connect(self._examination_succeeded)
            job.ended.connect(self._examination_ended)

    # Slots of this widget, so that a job that outlives it tells it nothing any more.

    @Slot(dict)
    def _examination_succeeded(self, result: Mapping[str, Any]) -> None:
        self._examined[self._examinations[self.sender()]] = result

    @Slot()
    def _examination_ended(self) -> None:
        del self._examinations[self.sender()]
        self._show()
