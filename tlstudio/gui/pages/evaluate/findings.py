"""A card with what the checks of a classifier found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from tlstudio.core.finding import Finding, finding_from_values, most_severe_first
from tlstudio.core.types import SPLIT_NAMES
from tlstudio.evaluation.evaluation import Evaluation
from tlstudio.gui.app_state import AppState
from tlstudio.gui.pages.evaluate.text import findings_of
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.lists.finding_list import FindingList, window_finding
from tlstudio.project.runs import RunFolder


class FindingsCard(Card):
    """The findings of an evaluation; a run stored without any is examined by the engine.

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
        self.body.addWidget(self.list, 1)

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
