"""Runs the checks of a classifier during a training; the caller passes them in, from a higher layer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from tlstudio.core.dataset import Dataset
from tlstudio.core.events import EpochEnded, Event, FindingsChanged, WarningRaised
from tlstudio.core.finding import Finding
from tlstudio.core.types import Split
from tlstudio.evaluation.evaluation import Evaluation
from tlstudio.project.history import RunHistory
from tlstudio.project.runs import RunFolder
from tlstudio.training.run.event_log import RunLog

SECONDS_BETWEEN = 0.5
"""Least time between two examinations: a linear probe tries many settings per second."""
PAUSE = 10
"""Times as long as the checks took, until they run again; with a thousand classes they take 0.3 seconds."""


class Examine(Protocol):
    """Runs the checks of a classifier."""

    def __call__(
        self,
        run: RunFolder,
        *,
        dataset: Dataset,
        split: Split,
        history: Sequence[EpochEnded],
        evaluation: Evaluation | None,
    ) -> Sequence[Finding]:
        """The findings of the checks.

        Args:
            run: Which run.
            dataset: Its images.
            split: Of its images.
            history: The epochs so far.
            evaluation: None while it is being trained.
        """
        ...


def no_checks(
    run: RunFolder,
    *,
    dataset: Dataset,
    split: Split,
    history: Sequence[EpochEnded],
    evaluation: Evaluation | None,
) -> Sequence[Finding]:
    """An `Examine` that runs no checks."""
    return ()


class Examination:
    """An `Emit` that passes events on and emits the current findings after an epoch.

    Args:
        run: Which run; epochs from before an interruption count.
        log: Receives the events.
        dataset: Images of the run.
        split: Of the run.
        examine: Runs the checks.
    """

    def __init__(
        self, run: RunFolder, *, log: RunLog, dataset: Dataset, split: Split, examine: Examine
    ) -> None:
        self._run, self._log, self._dataset, self._split = run, log, dataset, split
        self._examine = examine
        self._history = RunHistory(run.read_events())
        self._findings: Sequence[Finding] = ()
        self._next_time = float("-inf")

    def __call__(self, event: Event) -> None:
        """Pass an event on; after an epoch the checks examine the history."""
        self._log(event)
        if not isinstance(event, EpochEnded):
            return
        self._history.add(event)
        began = time.monotonic()
        if began >= self._next_time:
            self._report(self._run_checks(None))
            ended = time.monotonic()
            self._next_time = ended + max(SECONDS_BETWEEN, PAUSE * (ended - began))

    def finish(self, validation: Evaluation, test: Evaluation) -> tuple[Evaluation, Evaluation]:
        """Add the findings to the evaluations; emit as warnings those of the evaluation to report.

        Args:
            validation: On the images the classifier was chosen by; may be of no images.
            test: On the test images; may be of no images.
        """
        validation, test = self._examined(validation), self._examined(test)
        self._report(validation.findings or test.findings or self._run_checks(None))
        for finding in (test if test.n else validation).findings:
            # What lies on several sides was said before the training, in the same sentence.
            if finding.is_warning and finding.message not in self._log.warnings:
                message = f"{finding.message} {finding.mend}".rstrip()
                self._log(
                    WarningRaised(
                        run_id=self._run.path.name, code=finding.check, message=message, paths=finding.paths
                    )
                )
        return validation, test

    def _examined(self, evaluation: Evaluation) -> Evaluation:
        return (
            replace(evaluation, findings=tuple(self._run_checks(evaluation))) if evaluation.n else evaluation
        )

    def _run_checks(self, evaluation: Evaluation | None) -> Sequence[Finding]:
        return self._examine(
            self._run,
            dataset=self._dataset,
            split=self._split,
            history=tuple(self._history.epochs),
            evaluation=evaluation,
        )

    def _report(self, findings: Sequence[Finding]) -> None:
        if findings and list(findings) != list(self._findings):
            self._findings = findings
            values = tuple(finding.as_values() for finding in findings)
            self._log(FindingsChanged(run_id=self._run.path.name, findings=values))
