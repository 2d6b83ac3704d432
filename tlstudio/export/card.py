"""The model card: what a model is, what it was made from, how good it is, and what it must not be used for.

It consists of plain JSON values and is part of every export; `card_markdown` writes it as text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tlstudio import __version__
from tlstudio.core.finding import Finding, most_severe_first
from tlstudio.core.limits import MODEL_LIMITS
from tlstudio.core.percent import percent
from tlstudio.core.typed_values import read_dataclass
from tlstudio.core.types import SPLIT_NAMES
from tlstudio.core.unknown_words import FAR_FROM, ODD_FROM
from tlstudio.core.values import ValueWindow, window_words
from tlstudio.core.wording import count as counted
from tlstudio.data.naming import listed
from tlstudio.evaluation.asking import Answered, answered_at, asking_json, below_from, read_rules
from tlstudio.evaluation.asking_words import answered_words, threshold_words
from tlstudio.evaluation.check_figures import check_figures_words
from tlstudio.evaluation.metric_values import Metrics, interval_json
from tlstudio.evaluation.run_result import RunResult, read_run_result, with_stored_predictions
from tlstudio.evaluation.run_split import read_run_split
from tlstudio.evaluation.verdict import verdict
from tlstudio.models.backbones import find_backbone
from tlstudio.models.classifier import Classifier
from tlstudio.models.licences import licence_terms
from tlstudio.project.runs import RunFolder
from tlstudio.specs.checks import better_than_guessing
from tlstudio.specs.recipe import Recipe, read_recipe


def build_card(run: RunFolder, classifier: Classifier) -> dict[str, Any]:
    """Build the card of a finished run.

    Args:
        run: A finished run.
        classifier: Loaded from its best checkpoint.

    Returns:
        The card as plain JSON values.

    Raises:
        UserError: The run is not finished or is damaged.
    """
    recipe, result = read_recipe(run.recipe), read_run_result(run)
    info = find_backbone(classifier.backbone.id)
    made = datetime.fromtimestamp(run.best_checkpoint.stat().st_mtime, tz=UTC)
    return {
        "name": run.path.name,
        "made": made.isoformat(timespec="seconds"),
        "made_with": f"tlstudio {__version__}",
        "classes": list(classifier.classes),
        "backbone": {
            "id": info.id,
            "title": info.title,
            "pretrained_on": info.pretrained_on,
            "licence": info.licence,
            "licence_terms": licence_terms(info.licence).sentence,
            "licence_note": info.licence_note,
            "weights_sha256": recipe.backbone.weights_sha256,
            "own_weights": recipe.backbone.weights_file is not None,
        },
        "strategy": recipe.strategy,
        "freeze": recipe.freeze,
        "head": classifier.head.settings.kind,
        "seed": recipe.seed,
        "data": _data(run, recipe, classifier.classes),
        "values": [asdict(window) for window in classifier.preprocessing.values or ()],
        "figures": {
            evaluation.subset: _metrics(evaluation.primary.metrics)
            for evaluation in (result.validation, result.test)
            if evaluation.n
        },
        "verdict": _verdict(result),
        "findings": _findings(result.reported.findings),
        **_columns(classifier, result),
        **classifier.rules.as_values(),
        **_asking(run, result),
        "learns_from": recipe.learns_from,
        "versions": dict(recipe.versions),
        "limits": list(MODEL_LIMITS),
    }


def _findings(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings of the checks besides the verdict, without those of what is fine and names of images."""
    return [
        {"check": found.check, "severity": found.severity, "message": " ".join(parts)}
        for found in most_severe_first(findings)
        if found.severity != "ok" and found.check != better_than_guessing.SPEC.id
        if (parts := [part for part in (found.message, found.meaning, found.mend) if part])
    ]


def _verdict(result: RunResult) -> str:
    """The verdict on the classifier, judged now, as in its report."""
    evaluation = result.reported
    metrics = evaluation.primary.metrics
    found = verdict(metrics.confusion, metrics.classes, images=evaluation.images)
    return f"{found.message} {found.mend}".rstrip()


def _metrics(metrics: Metrics) -> dict[str, Any]:
    return {
        "accuracy": metrics.accuracy,
        "interval": interval_json(metrics.interval),
        "n": metrics.n,
        "macro_f1": metrics.macro_f1,
        "balanced_accuracy": metrics.balanced_accuracy,
        "ece": metrics.ece,
        "ece_limit": metrics.ece_limit,
        "brier": metrics.brier,
        "brier_interval": interval_json(metrics.brier_interval),
        "log_loss": metrics.log_loss,
        "log_loss_interval": interval_json(metrics.log_loss_interval),
    }


def _columns(classifier: Classifier, result: RunResult) -> dict[str, Any]:
    """The classes and figures of each label column, where there are several."""
    if len(classifier.columns) == 1:
        return {}
    evaluations = [one for one in (result.validation, result.test) if one.n]
    return {
        "columns": {
            column.name: {
                "classes": list(column.classes),
                "figures": {
                    one.subset: _metrics(one.columns[column.name].metrics)
                    for one in evaluations
                    if column.name in one.columns and one.columns[column.name].metrics.n
                },
            }
            for column in classifier.columns
        }
    }


def _asking(run: RunFolder, result: RunResult) -> dict[str, Any]:
    """Below what probability a person is asked in each label column, and what that gives; often nothing."""
    rules = read_rules(run)
    if rules is None:
        return {}
    sets = {name: asdict(own) for name, own in rules.sets.items()}
    if not rules.columns:
        return {"class_sets": sets} if sets else {}
    tested = with_stored_predictions(result, run).test
    parts = {name: column.predictions for name, column in tested.columns.items()}
    return {
        "asking": {
            name: {
                **asking_json(rule, rule.found),
                "test": asking_json(rule, answered_at(part, rule.below)) if part is not None else None,
            }
            for name, rule in rules.columns.items()
            for part in (parts.get(name),)
        },
        **({"class_sets": sets} if sets else {}),
    }


def _asking_words(asking: Mapping[str, Any], *, several: bool) -> list[str]:
    """Write below what probability a person is to be asked."""
    lines = []
    for name, rule in asking.items():
        found = rule.get("test") or rule
        images = "test images" if rule.get("test") else "images that it had not learned from"
        answered = Answered(n=found["n"], answered=found["answered"], right=found["right"])
        lines.append(
            f"{f'{name}: ' if several else ''}{threshold_words(below_from(rule))} "
            f"{answered_words(answered, images=images)}"
        )
    return ["## When unsure, ask a person", "\n\n".join(lines)] if lines else []


def _data(run: RunFolder, recipe: Recipe, classes: Sequence[str]) -> dict[str, Any]:
    split = read_run_split(run)
    training = Counter(path.split("/", 1)[0] for path in split.paths("train"))
    return {
        "folder": Path(recipe.images_root).name if recipe.images_root else "",
        "sha256": recipe.data_sha256,
        "images": {name: len(split.paths(name)) for name in SPLIT_NAMES},
        # The split's table does not hold labels; they are known where each class has its folder.
        "training_images": {name: training[name] for name in classes if training.keys() <= set(classes)},
    }


def card_markdown(card: Mapping[str, Any]) -> str:
    """Write a card as Markdown.

    Args:
        card: From `build_card`.
    """
    backbone, data = card["backbone"], card["data"]
    counts = {name: f" ({count} training images)" for name, count in data["training_images"].items()}
    classes = "\n".join(f"- {name}{counts.get(name, '')}" for name in card["classes"])
    own = " Started from weights of the user’s own." if backbone["own_weights"] else ""
    images = ", ".join(f"{count} for {name}" for name, count in data["images"].items())
    several = card.get("columns", {})
    further = list(several)[1:]
    answers = f"Gives each image a probability for each of {len(card['classes'])} classes"
    answers += (
        f" of “{next(iter(several))}”, and likewise for {listed([f'“{name}”' for name in further])}."
        if several
        else "."
    )
    parts = [
        f"# {card['name']}: an image classifier",
        f"Made on {card['made'][:10]} with {card['made_with']}. {answers}",
        "## How good it is",
        *([card["verdict"]] if card.get("verdict") else []),
        *(
            [
                _figures(split, figures, learns_from=card["learns_from"])
                for split, figures in card["figures"].items()
            ]
            or [_NOT_MEASURED]
        ),
        *(
            _figures(split, figures, learns_from=card["learns_from"], column=name)
            for name in further
            for split, figures in several[name]["figures"].items()
        ),
        *_asking_words(card.get("asking") or {}, several=bool(several)),
        *_kept_in_mind(card.get("findings", ())),
        "## Limits",
        "\n".join(f"- {limit}" for limit in card["limits"]),
        "## Classes",
        classes,
        *(
            part
            for name in further
            for part in (f"## Classes of {name}", "\n".join(f"- {own}" for own in several[name]["classes"]))
        ),
        "## Images unlike those it was taught",
        _unknown(card.get("unknown")),
        *_values(card.get("values", ())),
        "## What it was made from",
        f"- Images: {data['folder'] or 'not recorded'} ({images})\n"
        f"- Backbone: {backbone['title']} ({backbone['id']}), pretrained on {backbone['pretrained_on']}, "
        f"licence of its weights: {_licence(backbone)}.{own}\n"
        f"- Strategy: {card['strategy']}, freeze line: {card['freeze']}, head: {card['head']}, "
        f"seed: {card['seed']}\n"
        f"- Versions: {', '.join(f'{name} {version}' for name, version in card['versions'].items())}",
        "## How to use it",
        "In a portable folder, `python predict.py IMAGE_OR_FOLDER` prints the class of each image; it needs "
        "`pip install onnxruntime pillow`. With tlstudio: `tlstudio predict MODEL IMAGE_OR_FOLDER`.",
    ]
    return "\n\n".join(parts) + "\n"


def _kept_in_mind(findings: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = [f"- {found['message']}" for found in findings]
    return ["## To keep in mind", "\n".join(lines)] if lines else []


def _licence(backbone: Mapping[str, Any]) -> str:
    """The licence, how it is known, and what it allows."""
    parts = (backbone["licence"], backbone.get("licence_note"), backbone.get("licence_terms"))
    return ". ".join(part.rstrip(".") for part in parts if part)


def _values(windows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Write what another program must do with images of more than 8 bits."""
    if not windows:
        return ["## Images with more than 8 bits", _NOT_LEARNED]
    lines = [
        f"- {window.layout}: {window_words(window)}"
        for window in (read_dataclass(ValueWindow, values) for values in windows)
    ]
    return ["## Images with more than 8 bits", _SCALING, "\n".join(lines)]


def _unknown(record: Mapping[str, Any] | None) -> str:
    """Write what the unknown score is and how well it works."""
    if record is None:
        return _NO_UNKNOWN
    judged = "How well it finds classes it was not taught could not be tried."
    if record["auroc"] is not None:
        judged = (
            f"Its classes were left out in turn, {record['left_out']} times: an image of what was left out "
            f"then had a higher score than an image of the others in {percent(record['auroc'])} of all pairs "
            "(50 % is chance)."
        )
    return f"{_UNKNOWN} It was made from {counted(record['images'], 'training image')}. {judged}"


_UNKNOWN = (
    "Besides the class it gives an unknown score: 0 is familiar, 1 unlike anything it was taught. From "
    f"{ODD_FROM} on an image is odd: about 1 in 20 of images like the training images get there. From "
    f"{FAR_FROM} on it is unlike all of them, or of another kind altogether."
)
_NO_UNKNOWN = "It does not say when an image is unlike all that it was taught; it names a class all the same."
_SCALING = (
    "The ONNX model takes pixels of 8 bits, red, green and blue. Values of other images must be scaled so, "
    "as tlstudio and `predict.py` do: (value - low) / (high - low), cut to 0 and 1, times 255, rounded. One "
    "channel becomes grey; of two the third is 0; what was not measured (NaN, infinite, no-data) is 0."
)
_NOT_LEARNED = (
    "The model takes pixels of 8 bits, red, green and blue, and was trained on such images only. tlstudio "
    "stretches each other image by itself and says so; the answers are less certain then."
)
_NOT_MEASURED = "Not measured: no images were kept that it has not learned from."


def _decimals(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.3f}"


def _figures(split: str, figures: Mapping[str, Any], *, learns_from: str, column: str = "") -> str:
    learned = learns_from == "train+validation"
    trust = f" {check_figures_words(learned=learned)}" if split == "validation" else ""
    interval, limit = figures["interval"], figures.get("ece_limit")
    by_chance = f" (chance alone makes up to {_decimals(limit)})" if limit is not None else ""
    within = "not measured"
    if interval:
        within = f"{percent(interval[0], digits=1)} to {percent(interval[1], digits=1)}"
    return (
        f"- **{f'{split}, {column}' if column else split}**: "
        f"{percent(figures['accuracy'], digits=1)} of {counted(figures['n'], 'image')} right "
        f"(95 % interval {within}), macro F1 {_decimals(figures['macro_f1'])}, "
        f"expected calibration error {_decimals(figures['ece'])}{by_chance}.{trust}"
    )
