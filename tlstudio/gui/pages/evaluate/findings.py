"""What the checks of a classifier found, as the Evaluate page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from tlstudio.core.finding import finding_from_values
from tlstudio.evaluation.evaluation import Evaluation
from tlstudio.gui.app_state import AppState
from tlstudio.gui.pages.evaluate.text import findings_of
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.lists.finding_list import FindingList, window_finding
from tlstudio.project.runs import RunFolder


class FindingsCard(Card):
    """The findings of an evaluation; those of a run that holds none are asked of the engine.

    Args:
        app_state: State of the window.
    """

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__("What this means", parent)
        self._app_state = app_state
        self._evaluation: Evaluation | None = None
        self._problem = ""
        self._asked: RunFolder | None = None
        self._answers: dict[RunFolder, Mapping[str, Any]] = {}
        self.list = FindingList(name="What these figures mean")
        self.body.addWidget(self.list, 1)

    def show_evaluation(self, evaluation: Evaluation, run: RunFolder, *, problem: str) -> None:
        """Show what was found.

        Args:
            evaluation: Of a split of the run, or of a folder.
            run: Which run.
            problem: Why predictions are missing; may be empty.
        """
        self._evaluation, self._run, self._problem = evaluation, run, problem
        findings = findings_of(evaluation, problem=problem)
        is_unchecked = not evaluation.findings and evaluation.subset != "folder"
        if is_unchecked and run in self._answers:
            values = self._answers[run].get(evaluation.subset, [])
            findings += [finding_from_values(finding) for finding in values]
        elif is_unchecked:
            findings.append(window_finding("note", "The checks are running…"))
            self._ask(run)
        self.list.set_findings(findings)

    def _ask(self, run: RunFolder) -> None:
        if self._asked != run:
            self._asked = run
            self._app_state.submit("examine-run", run=str(run.path)).succeeded.connect(self._answered)

    @Slot(dict)
    def _answered(self, result: Mapping[str, Any]) -> None:
        assert self._asked is not None
        self._answers[self._asked] = result
        if self._evaluation is not None and self._run == self._asked:
            self.show_evaluation(self._evaluation, self._run, problem=self._problem)
