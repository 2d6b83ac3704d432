"""Gathers what the report of a run shows, from the run folder and the images; plain values, no HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from tlstudio.core.errors import UserError
from tlstudio.core.events import WarningRaised
from tlstudio.core.finding import Finding, most_severe_first
from tlstudio.core.types import SPLIT_NAMES, Split, SplitName
from tlstudio.evaluation.comparisons import read_comparisons
from tlstudio.evaluation.evaluation import Evaluation, LabelledPrediction
from tlstudio.evaluation.run_result import RunResult, read_run_result, with_stored_predictions
from tlstudio.evaluation.run_split import PUT_BACK, read_run_split
from tlstudio.evaluation.verdict import Verdict
from tlstudio.models.catalogue import BackboneInfo, backbone_info
from tlstudio.project.history import RunHistory
from tlstudio.project.images_root import find_images_root
from tlstudio.project.runs import RunFolder
from tlstudio.report.history_values import curve_values, learning_values, map_values, trial_values
from tlstudio.report.kept_epoch import kept_words
from tlstudio.specs.checks import better_than_guessing
from tlstudio.specs.recipe import Recipe, read_recipe

WORST_IMAGES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedFile:
    """A file that was not used, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Everything in the report.

    Attributes:
        name: Of the run.
        recipe: Of the run.
        backbone: None for one outside the catalogue.
        result: Of the run, with its predictions unless their file is missing.
        counts: Images of each split.
        curves: What the curve views take.
        kept: Which epoch or setting is kept, in sentences.
        start_returned: Whether the strategy did not help, so that the run kept the plain start.
        planned: How many epochs or settings there were to be.
        trials: Freeze lines that were tried, in order; empty where the person chose one.
        learning: What the view of the learning curve takes; empty where it was not measured.
        places: What the view of two places takes; empty where there is only one.
        skipped: Files that were not used.
        warnings: Warnings of the run, each once, without those that repeat a finding.
        damage: What may be missing because events could not be read, also among the warnings; empty when
            all is well.
        environment: As in environment.json; empty when it is missing.
        images_root: Where its images are now; None when they are gone.
    """

    name: str
    recipe: Recipe
    backbone: BackboneInfo | None
    result: RunResult
    counts: Mapping[str, int]
    curves: Mapping[str, Any]
    kept: str
    start_returned: bool
    planned: int
    trials: tuple[Mapping[str, Any], ...]
    learning: Mapping[str, Any]
    places: Mapping[str, Any]
    skipped: tuple[SkippedFile, ...]
    warnings: tuple[str, ...]
    damage: str
    environment: Mapping[str, Any]
    images_root: Path | None

    @property
    def evaluation(self) -> Evaluation:
        """The evaluation to report: on test images, or on validation images without them."""
        return self.result.reported

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Findings of the checks on the classifier besides the verdict, the most severe first."""
        findings = most_severe_first(self.evaluation.findings)
        return tuple(found for found in findings if found.check != better_than_guessing.SPEC.id)

    @property
    def verdict(self) -> Verdict:
        """The verdict on the classifier; judged now, so that runs of every version are judged alike."""
        return self.evaluation.verdict

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the label columns, where there are several."""
        names = tuple(self.evaluation.columns)
        return names if len(names) > 1 else ()

    def of_column(self, name: str) -> Contents:
        """The contents with the figures of one label column.

        Args:
            name: Of the column.
        """
        validation, test = (
            evaluation.of_column(name) if name in evaluation.columns else evaluation
            for evaluation in (self.result.validation, self.result.test)
        )
        return replace(self, result=replace(self.result, validation=validation, test=test))

    def wrong(self) -> list[LabelledPrediction]:
        """The worst mistakes, as many as the report shows, the surest first."""
        column = self.evaluation.primary
        return [column.prediction(path) for path in column.most_wrong(WORST_IMAGES)]


def gather(run: RunFolder, *, result: RunResult | None = None, images_root: Path | None = None) -> Contents:
    """Read a finished run.

    Args:
        run: Which run.
        result: Of the run, with its findings; None takes it as it is stored.
        images_root: Where its images are now, when they or the run were moved.

    Raises:
        UserError: It is not finished, or a file of it is missing or damaged.
    """
    recipe, result = read_recipe(run.recipe), result or read_run_result(run)
    assignment = read_run_split(run)
    compared = read_comparisons(run).strategy  # damage is said before the findings are trusted
    if run.predictions.exists():
        result = with_stored_predictions(result, run)
        _refuse_other_images(run, assignment, result)
    events, damage = run.read_events_and_damage()
    history = RunHistory(events)
    paths = [path for name in reversed(SPLIT_NAMES) for path in assignment.paths(name)]
    return Contents(
        name=run.path.name,
        recipe=recipe,
        backbone=_backbone(recipe.backbone.id),
        result=result,
        counts={name: len(assignment.paths(name)) for name in SPLIT_NAMES},
        curves=curve_values(history),
        kept=kept_words(history),
        start_returned=compared is not None and compared.start_returned,
        planned=history.planned,
        trials=tuple(trial_values(history)),
        learning=learning_values(history),
        places=map_values(history),
        skipped=_skipped(history.warnings),
        warnings=(
            *([damage] if damage else ()),
            *_warning_messages(history.warnings, findings=result.reported.findings),
        ),
        damage=damage,
        environment=run.read_json(run.environment) if run.environment.exists() else {},
        images_root=find_images_root(run, recipe, paths=paths, given=images_root),
    )


def _refuse_other_images(run: RunFolder, split: Split, result: RunResult) -> None:
    sides: tuple[tuple[SplitName, Evaluation], ...] = (
        ("validation", result.validation),
        ("test", result.test),
    )
    for name, evaluation in sides:
        predictions = evaluation.primary.predictions
        if predictions is not None and set(predictions.paths) != set(split.paths(name)):
            raise UserError(f"{run.split} and {run.predictions.name} name different images.", mend=PUT_BACK)


def _backbone(backbone_id: str) -> BackboneInfo | None:
    try:
        return backbone_info(backbone_id)
    except UserError:
        return None


def _warning_messages(warnings: Iterable[WarningRaised], *, findings: Iterable[Finding]) -> tuple[str, ...]:
    """The messages in order, each once, without those that repeat a finding."""
    checks = {finding.check for finding in findings}
    return tuple(dict.fromkeys(event.message for event in warnings if event.code not in checks))


def _skipped(warnings: list[WarningRaised]) -> tuple[SkippedFile, ...]:
    reasons = {
        path: reason
        for event in warnings
        if event.code == "skipped"
        for path, reason in zip_longest(event.paths, event.reasons, fillvalue="")
    }
    return tuple(SkippedFile(path=path, reason=reason) for path, reason in reasons.items())
