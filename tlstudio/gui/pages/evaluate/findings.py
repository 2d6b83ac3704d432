"""A card with what the checks of a classifier found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from tlstudio.core.finding import Finding, finding_from_values, most_severe_first
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
    """

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__("What this means", parent)
        self._app_state = app_state
        self._shown: tuple[Evaluation, RunFolder, str] | None = None
        self._warnings: tuple[Finding, ...] = ()
        self._examinations: dict[QObject, RunFolder] = {}
        self._examined: dict[RunFolder, Mapping[str, Any]] = {}
        self.list = FindingList(name="What these figures mean")
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
        if not evaluation.findings and evaluation.subset != "folder" and run not in self._examined:
            self._examine(run)
        self._shown = (evaluation, run, problem)
        self._warnings = tuple(warnings)
        self._show()

    def _show(self) -> None:
        if self._shown is None:
            return
        evaluation, run, problem = self._shown
        findings = findings_of(evaluation, problem=problem)
        if not evaluation.findings and evaluation.subset != "folder":
            if run in self._examined:
                values = self._examined[run].get(evaluation.subset, [])
                examined = replace(evaluation, findings=tuple(map(finding_from_values, values)))
                findings = findings_of(examined, problem=problem)
            elif run in self._examinations.values():
                findings.append(window_finding("note", "The checks are running…"))
            else:
                findings.append(window_finding("note", "The checks did not run."))
        self.list.set_findings(most_severe_first([*findings, *self._warnings]))

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
