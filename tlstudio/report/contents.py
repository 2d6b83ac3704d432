"""What a report tells, gathered from the run folder and the images; plain values, no HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import zip_longest
from typing import Any

import numpy as np

from tlstudio.core.errors import UserError
from tlstudio.core.events import EpochEnded, Event, TrialEnded, WarningRaised
from tlstudio.core.recipe import Recipe, read_recipe
from tlstudio.core.types import SPLIT_NAMES
from tlstudio.data.splits import read_split
from tlstudio.evaluation.calibration import calibration_bins
from tlstudio.evaluation.predictions import Predictions, read_predictions_csv
from tlstudio.models.catalogue import BackboneInfo, backbone_info
from tlstudio.project.runs import RunFolder
from tlstudio.report.recipe_text import curve_unit
from tlstudio.report.trials import take_trial

WORST_IMAGES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongImage:
    """An image that was answered wrongly.

    Attributes:
        path: Relative to the images' root.
        true: Its label.
        answer: The class it was taken for.
        probability: Of the answer.
    """

    path: str
    true: str
    answer: str
    probability: float


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
        metrics: As in metrics.json.
        split: "test", or "validation" where nothing was kept for testing: what the figures are of.
        counts: Images of each split.
        curves: What the curve views take.
        trials: Freeze lines that were tried, in order; empty where the person chose one.
        reliability: What the reliability view takes.
        wrong: Surest mistakes first.
        wrong_total: How many mistakes there are.
        skipped: Files that were not used.
        warnings: Sentences, each once.
        environment: As in environment.json; empty when it is missing.
    """

    name: str
    recipe: Recipe
    backbone: BackboneInfo | None
    metrics: Mapping[str, Any]
    split: str
    counts: Mapping[str, int]
    curves: Mapping[str, Any]
    trials: tuple[Mapping[str, Any], ...]
    reliability: Mapping[str, Any]
    wrong: tuple[WrongImage, ...]
    wrong_total: int
    skipped: tuple[SkippedFile, ...]
    warnings: tuple[str, ...]
    environment: Mapping[str, Any]

    @property
    def figures(self) -> Mapping[str, Any]:
        """The figures of `split`, as of `evaluate --json`."""
        figures: Mapping[str, Any] = self.metrics.get(self.split) or {}
        return figures


def gather(run: RunFolder) -> Contents:
    """Read a finished run.

    Raises:
        UserError: It is not finished, or a file of it is missing or damaged.
    """
    recipe, metrics = read_recipe(run.recipe), run.read_json(run.metrics)
    assignment = read_split(run.split)
    split = "test" if (metrics.get("test") or {}).get("n") else "validation"
    predictions = read_predictions_csv(run.predictions).get(split) if run.predictions.exists() else None
    wrong = _wrong_images(predictions) if predictions is not None else ()
    events = run.read_events()
    warnings = [event for event in events if isinstance(event, WarningRaised)]
    epochs = {event.epoch: event for event in events if isinstance(event, EpochEnded)}
    return Contents(
        name=run.path.name,
        recipe=recipe,
        backbone=_backbone(recipe.backbone.id),
        metrics=metrics,
        split=split,
        counts={name: len(assignment.paths(name)) for name in SPLIT_NAMES},
        curves={
            "epochs": [
                {**asdict(epochs[number]), "interval": epochs[number].validation_interval}
                for number in sorted(epochs)
            ],
            "planned": 0,
            # Without validation the last epoch is kept; nobody knows the best.
            "best_epoch": metrics.get("best_epoch") if assignment.paths("validation") else None,
            "unit": curve_unit(recipe.strategy, head=recipe.head.kind),
        },
        trials=_trials(events),
        reliability=_reliability(predictions, metrics.get(split) or {}),
        wrong=wrong[:WORST_IMAGES],
        wrong_total=len(wrong),
        skipped=_skipped(warnings),
        warnings=tuple(dict.fromkeys(event.message for event in warnings)),
        environment=run.read_json(run.environment) if run.environment.exists() else {},
    )


def _trials(events: list[Event]) -> tuple[Mapping[str, Any], ...]:
    trials: list[dict[str, Any]] = []
    for event in events:
        if isinstance(event, TrialEnded):
            take_trial(trials, event)
    return tuple(trials)


def _backbone(backbone_id: str) -> BackboneInfo | None:
    try:
        return backbone_info(backbone_id)
    except UserError:
        return None


def _wrong_images(predictions: Predictions) -> tuple[WrongImage, ...]:
    part = predictions.labelled()
    answers = part.predicted_indices
    of_true = part.probabilities[np.arange(len(part.paths)), part.true_indices]
    order = np.argsort(of_true, kind="stable")
    return tuple(
        WrongImage(
            path=part.paths[row],
            true=part.classes[part.true_indices[row]],
            answer=part.classes[answers[row]],
            probability=float(part.probabilities[row, answers[row]]),
        )
        for row in order
        if answers[row] != part.true_indices[row]
    )


def _reliability(predictions: Predictions | None, figures: Mapping[str, Any]) -> dict[str, Any]:
    if predictions is None:
        return {}
    part = predictions.labelled()
    bins = calibration_bins(part.confidence, part.predicted_indices == part.true_indices)
    return {"bins": [asdict(entry) for entry in bins], "ece": figures.get("ece")}


def _skipped(warnings: list[WarningRaised]) -> tuple[SkippedFile, ...]:
    reasons = {
        path: reason
        for event in warnings
        if event.code == "skipped"
        for path, reason in zip_longest(event.paths, event.reasons, fillvalue="")
    }
    return tuple(SkippedFile(path=path, reason=reason) for path, reason in reasons.items())
