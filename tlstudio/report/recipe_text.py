"""Describes a recipe and its figures in words, for people who do not program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tlstudio.core.freeze_words import readable, tried_words
from tlstudio.core.percent import percent as of_fraction
from tlstudio.core.percent import percent_range
from tlstudio.core.types import SPLIT_WORDS
from tlstudio.core.values import window_words
from tlstudio.core.wording import count
from tlstudio.specs import STRATEGIES

if TYPE_CHECKING:  # the window reads the words without the library that checks recipes
    from tlstudio.core.types import Interval
    from tlstudio.core.values import ValueWindow
    from tlstudio.evaluation.evaluation import Evaluation
    from tlstudio.models.catalogue import BackboneInfo
    from tlstudio.specs.recipe import AugmentationSettings, Recipe
    from tlstudio.specs.spec import StrategySpec


def trial_words(trial: Mapping[str, Any]) -> str:
    """Describe what was tried, as in "from blocks 6 up, with crops"."""
    return tried_words(str(trial["freeze"]), trial.get("option"))


def choice_words(trials: Sequence[Mapping[str, Any]]) -> str:
    """Say what "Choose for me" chose of that it tried, and why; empty without trials.

    Args:
        trials: "freeze", "accuracy", "n" and "best" of each, in order, and where they are known "option",
            "against", "against_option", "difference", "noise", "ended_early"; the last best was chosen.
    """
    if not trials:
        return ""
    chosen = next((trial for trial in reversed(trials) if trial["best"]), trials[0])
    head = next((trial for trial in trials if trial["freeze"] == "head"), trials[0])
    others = [trial for trial in trials if trial is not chosen and trial is not head]
    right = f"{percent(chosen['accuracy'])} of {chosen['n']} images were right in the tries"
    if chosen is head and not others:
        return f"Only the head was trained: {right}. Nothing else was tried."
    if chosen is head:
        return f"Only the head was trained: {right}. {_others_words(others)}"
    more = "What was tried after it" if trials[-1].get("option") else "Training even more stages"
    lower = f" {more} was not clearly better." if trials[-1] is not chosen else ""
    against = chosen.get("against"), chosen.get("against_option") or ""
    before = next((one for one in trials if (one["freeze"], one.get("option") or "") == against), head)
    with_before = "with only the head" if before is head else trial_words(before)
    return (
        f"Trained {trial_words(chosen)}: {right}, clearly more than {percent(before['accuracy'])} "
        f"{with_before}{_clearly(chosen)}.{lower}"
    )


def _others_words(others: Sequence[Mapping[str, Any]]) -> str:
    """Say that no try was clearly better than the head alone, with the figures of the best of them."""
    whole = [trial for trial in others if not trial.get("ended_early")]
    if not whole:
        n = max(int(trial["n"]) for trial in others)
        return f"Training more stages got no more right on the {n} images that it was tried on first."
    best = max(whole, key=lambda trial: float(trial["accuracy"]))
    return (
        "Training more stages was not clearly better: "
        f"{trial_words(best)} it was {percent(best['accuracy'])}{_not_clearly(best)}."
    )


def gain_words(trial: Mapping[str, Any]) -> str:
    """Format by how many points a trial beats the best before it: “+1.2 ± 3.9”; empty when unknown."""
    if trial.get("difference") is None or trial.get("noise") is None:
        return ""
    return f"{100 * trial['difference']:+.1f} ± {100 * trial['noise']:.1f}".replace("-", "−")


def _not_clearly(trial: Mapping[str, Any]) -> str:
    """Say why a trial with more right answers is not clearly better."""
    if not gain_words(trial) or trial["difference"] <= 0:
        return ""
    return (
        f", which is {_points(trial['difference'])} more, but on {trial['n']} images chance alone makes a "
        f"difference of up to {_points(trial['noise'])}"
    )


def _clearly(trial: Mapping[str, Any]) -> str:
    """Say why a trial is clearly better."""
    if not gain_words(trial):
        return ""
    return (
        f": {_points(trial['difference'])} more, where chance alone makes a difference of up to "
        f"{_points(trial['noise'])}"
    )


def _points(fraction: float) -> str:
    text = f"{100 * fraction:.1f}"
    return f"{text} point" if text == "1.0" else f"{text} points"


def percent(fraction: float | None) -> str:
    """Format a fraction as “94.7 %”; None as a dash."""
    return "–" if fraction is None else of_fraction(fraction, digits=1)


def decimals(value: float | None) -> str:
    """Format a number as “0.947”; None as a dash."""
    return "–" if value is None else f"{value:.3f}"


def between(interval: Interval | None) -> str:
    """Format the interval of a number, to follow it, as “ (0.21 to 0.35)”; empty where there is none."""
    return "" if interval is None else f" ({decimals(interval.low)} to {decimals(interval.high)})"


def interval_words(interval: Interval | None) -> str:
    """Format an interval of fractions as “86 to 99 %”; None as a dash."""
    return "–" if interval is None else f"{percent_range(*interval.pair).replace('–', ' to ')} %"


def headline(evaluation: Evaluation) -> str:
    """The sentence beside the large accuracy: of how many images it is, and its interval."""
    metrics = evaluation.primary.metrics
    within = interval_words(metrics.interval)
    return (
        f"of {count(metrics.n, f'{SPLIT_WORDS[evaluation.subset]} image')}"
        f"{f' from {metrics.groups} groups' if metrics.groups else ''} right · 95 % interval {within}: "
        f"with other images of the same kind, expect a figure in this range"
    )


_LEARNED_FROM_BOTH = "Learned from the training and the check images"
_FIGURES_OF_OTHERS = (
    "; the figures of check images are those of classifiers that were trained in the same way without them"
)


def strategy_words(strategy_id: str, *, start_returned: bool = False) -> str:
    """A strategy in a few words; its id when this version does not know it.

    Args:
        strategy_id: Of the recipe.
        start_returned: Whether it did not help, so that the run kept the plain start.
    """
    if strategy_id not in STRATEGIES:
        return strategy_id
    spec = STRATEGIES.get(strategy_id)
    return f"plain head (“{spec.title}” did not help)" if start_returned else spec.short


def recipe_words(
    recipe: Recipe,
    backbone: BackboneInfo | None,
    *,
    start_returned: bool = False,
    has_check_figures: bool = True,
) -> list[tuple[str, str]]:
    """Describe a recipe as pairs of a name and a sentence.

    Args:
        recipe: Of the run.
        backbone: None for one outside the catalogue.
        start_returned: Whether the strategy did not help, so that the run kept the plain start.
        has_check_figures: Whether the run has figures for its check images.
    """
    spec = STRATEGIES.get(recipe.strategy) if recipe.strategy in STRATEGIES else None
    kept = " That did not clearly help, so the plain head is kept." if start_returned else ""
    strategy = f"{spec.report}{kept}" if spec else f"{recipe.strategy}, which this version does not know."
    learned = f"{_LEARNED_FROM_BOTH}{_FIGURES_OF_OTHERS if has_check_figures else ''}."
    varies = not spec or (spec.trains_stages and not (spec.fits_any_line and recipe.freeze == "head"))
    own_head = spec.head if spec and not start_returned else ""
    return [
        ("Backbone", _backbone(recipe, backbone)),
        ("Strategy", strategy),
        *(_options_and_inputs(recipe, spec) if spec else []),
        ("Freeze line", _freeze(recipe.freeze)),
        ("Head", own_head or _head(recipe)),
        ("Image shape", _fit(recipe)),
        *([("Values", values_words(recipe.values.found))] if recipe.values.found else []),
        *([("Images", learned)] if recipe.learns_from == "train+validation" else []),
        *([("Variations", _augmentation(recipe.augmentation))] if varies else []),
        ("Chance", f"Seed {recipe.seed}: the same recipe and images on the same computer give this result."),
    ]


def _options_and_inputs(recipe: Recipe, spec: StrategySpec) -> list[tuple[str, str]]:
    """List the strategy's options, defaults included, and the inputs that were given."""
    chosen, given = recipe.strategy_options, recipe.inputs
    options = []
    for name, field in spec.options.model_fields.items():
        title = field.title or name.replace("_", " ").capitalize()
        value = chosen.get(name, field.get_default(call_default_factory=True))
        options.append((title, _value_words(value)))
    return options + [(wanted.title, given[wanted.id]) for wanted in spec.inputs if wanted.id in given]


def _value_words(value: object) -> str:
    """The value of an option: yes, no or none in words, anything else as it prints."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _backbone(recipe: Recipe, backbone: BackboneInfo | None) -> str:
    words = recipe.backbone.id
    if backbone is not None:
        words = (
            f"{backbone.title}, pretrained on {backbone.pretrained_on}; its licence is {backbone.licence}."
        )
    if recipe.backbone.weights_file is not None:
        words += " Started from weights of your own."
    return words


def _freeze(freeze: str) -> str:
    fixed = {
        "head": "Only the head was trained; the whole backbone stayed as it was.",
        "none": "Everything was trained.",
        "auto": "Check images decided how much was trained.",
    }
    return fixed.get(
        freeze, f"Trained from the stage {readable(freeze)} upwards; everything below stayed as it was."
    )


def _head(recipe: Recipe) -> str:
    head = recipe.head
    kind = "One linear layer" if head.kind == "linear" else f"A hidden layer of {head.hidden_units} units"
    return f"{kind}, dropout {head.dropout:g}."


def _fit(recipe: Recipe) -> str:
    if recipe.fit == "pad":
        return "The whole image was kept, with borders where it is not square."
    return "The middle square of each image was used."


def values_words(windows: Sequence[ValueWindow]) -> str:
    """Say which values of deep images became black and white."""
    sentences = [
        f"{window.layout[:1].upper()}{window.layout[1:]}: {window_words(window)}." for window in windows
    ]
    return " ".join(sentences)


def _augmentation(settings: AugmentationSettings) -> str:
    parts = []
    if settings.flips_horizontally:
        parts.append("mirrored")
    if settings.flips_vertically:
        parts.append("upside down")
    if settings.crop:
        parts.append(f"cropped by up to {settings.crop:.0%}")
    if settings.rotation_degrees:
        parts.append(f"turned by up to {settings.rotation_degrees:g}°")
    if settings.colour:
        parts.append(f"in varied colours (strength {settings.colour:g})")
    if not parts:
        return "Training images were shown as they are."
    return f"Training images were also shown {', '.join(parts)}."
