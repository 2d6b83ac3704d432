"""Says in plain words what a training with these settings will do, step by step. Imports no Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tlstudio.core.wording import count, named
from tlstudio.gui.number_text import grouped
from tlstudio.gui.pages.data.filter import Counts
from tlstudio.gui.pages.model.choice import strategy_of
from tlstudio.gui.pages.model.text import AUTO, frozen_count
from tlstudio.models.catalogue import BackboneInfo
from tlstudio.specs import LINES_TRIED, default_strategy
from tlstudio.specs.spec import StrategySpec

if TYPE_CHECKING:
    from tlstudio.specs.recipe import Recipe

FEW_IMAGES = 50
"""Images per class below which the head alone is often as good as anything that learns more."""
COMPARED = "First the backbones that are ready offline are compared. "
NUMBERS = ("no", "one", "two", "three", "four", "five", "six")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """A step of a training.

    Attributes:
        title: What is done.
        text: With what, and what for.
        costs: Names of the parts of an estimate that this step takes.
    """

    title: str
    text: str
    costs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Numbers of the parts of a backbone: those that stay as they are, and all.

    Attributes:
        kept: Those that stay as they are in any case.
        total: All of them; 0 while they are not known.
        is_tried: Whether it is tried how many of the others learn.
    """

    kept: int
    total: int
    is_tried: bool


def parts_of(info: BackboneInfo, recipe: Recipe) -> Parts:
    """The parts of a recipe's backbone."""
    names = [stage.name for stage in info.stages]
    return Parts(kept=frozen_count(recipe.freeze, names), total=len(names), is_tried=recipe.freeze == AUTO)


def plan_steps(
    recipe: Recipe, info: BackboneInfo, *, classes: Sequence[str], counted: Counts
) -> tuple[PlanStep, ...]:
    """Describe the steps of a training, in order.

    Args:
        recipe: The draft.
        info: Its backbone.
        classes: Names of those that have images.
        counted: The images.
    """
    split = recipe.split
    images = counted.to_learn_from(validation=split.validation, test=split.test)
    kept = kept_aside(counted, validation=split.validation, test=split.test)
    return (
        _looking(info, parts_of(info, recipe), images=images + sum(kept)),
        *_learning(recipe, parts_of(info, recipe), classes=classes, images=images),
        _checking(*kept, is_known=bool(images)),
    )


def kept_aside(counted: Counts, *, validation: float, test: float) -> tuple[int, int]:
    """Count the images kept for checking and for the test, with the share of those not divided yet."""
    waiting = counted.by_split.get(None, 0)
    return (
        counted.by_split.get("validation", 0) + round(waiting * validation),
        counted.by_split.get("test", 0) + round(waiting * test),
    )


def kept_words(info: BackboneInfo, parts: Parts) -> str:
    """Say what stays as it is; empty when everything learns."""
    if not parts.kept:
        return ""
    learned = f", learned from {info.pretraining_images}" if info.pretraining_images else ""
    which = "" if parts.kept == parts.total else f" (the lower {parts.kept} of {parts.total} parts)"
    return f"Stays as it is: what {info.title} can see{which}{learned}"


def learning_words(parts: Parts, strategy: StrategySpec | None = None) -> str:
    """Say what learns from the images, or else where the new last layer comes from."""
    upper = parts.total - parts.kept
    if not upper:
        return (strategy or default_strategy(trains_stages=False)).new_layer
    if parts.is_tried:
        return f"Learns from your images: a new last layer, and as many of the upper {upper} parts as help"
    which = (
        "everything" if not parts.kept else f"the upper {upper} parts" if upper > 1 else "the uppermost part"
    )
    return f"Learns from your images: a new last layer, and {which}"


def good_to_know(recipe: Recipe, *, images_per_class: float) -> str:
    """A sentence about the way that a recipe takes; empty for ways without one.

    Args:
        recipe: The draft.
        images_per_class: To learn from, on average.
    """
    if recipe.freeze == AUTO:
        return (
            "“Choose for me” judges every try by images that it did not learn from. A slower one is taken "
            "only where that shows a gain."
        )
    strategy = strategy_of(recipe)
    if strategy is None or not strategy.default:
        return ""
    if strategy.trains_stages:
        return (
            "Worth it when your images look unlike everyday photos: through a microscope, from above, "
            "drawings, machines. Where it does not help, what the quick way learned is kept."
        )
    if images_per_class < FEW_IMAGES:
        return "With as few images as these it is often as good as slower ways. A good first try."
    return "A good first try: it takes little time, and shows how much better a slower way has to be."


def seconds_of(step: PlanStep, estimate: Mapping[str, Any]) -> float | None:
    """Add up an estimate's seconds for a step; None where it has none."""
    known = [float(estimate[name]) for name in step.costs if estimate.get(name) is not None]
    return sum(known) if known else None


def _looking(info: BackboneInfo, parts: Parts, *, images: int) -> PlanStep:
    if not parts.kept:
        text = f"Each of the {_images(images)} is made as small as {info.title} takes it, and kept on disk."
        return PlanStep(title="Read every image", text=text, costs=("features_seconds",))
    who = info.title if parts.kept == parts.total else f"The lower part of {info.title}"
    return PlanStep(
        title="Look at every image once",
        text=f"{who} describes each of the {_images(images)} by what it can see already. That is "
        "kept on disk, so that the next training is quicker.",
        costs=("features_seconds",),
    )


def _learning(recipe: Recipe, parts: Parts, *, classes: Sequence[str], images: int) -> tuple[PlanStep, ...]:
    strategy = strategy_of(recipe)
    learn = f"learns from {_images(images)} to tell them apart"
    if classes:
        learn += f": {named(classes)}"
    if parts.is_tried:
        number = 1 + (min(LINES_TRIED, parts.total) or LINES_TRIED)
        return (
            PlanStep(
                title=f"Try {NUMBERS[number]} ways",
                text=f"{COMPARED if recipe.backbone.compared else ''}A new last layer alone; then more and "
                "more of the upper parts with it. Each way answers images that it did not learn from.",
                costs=("tries_seconds",),
            ),
            PlanStep(
                title="Take the best one",
                text=f"It learns your classes from {_images(images)}. The quick way stays, unless "
                "another one is clearly better.",
                costs=("training_seconds",),
            ),
        )
    if strategy is not None and strategy != default_strategy(trains_stages=strategy.trains_stages):
        return (PlanStep(title=strategy.title, text=strategy.summary, costs=("training_seconds",)),)
    text = f"A new last layer {learn}."
    if strategy is not None and strategy.trains_stages:
        text += (
            f" Then {_upper_parts(parts)} to your images as well, gently, in {count(recipe.epochs, 'round')}."
        )
    title = f"Learn your {count(len(classes), 'class', plural='classes') if classes else 'classes'}"
    return (PlanStep(title=title, text=text, costs=("training_seconds",)),)


def _upper_parts(parts: Parts) -> str:
    if not parts.total:
        return "the upper parts adapt"
    if not parts.kept:
        return "everything else adapts"
    upper = parts.total - parts.kept
    return f"the upper {upper} of {parts.total} parts adapt" if upper > 1 else "the uppermost part adapts"


def _checking(validation: int, test: int, *, is_known: bool) -> PlanStep:
    title, costs = "Measure how good it is", ("evaluation_seconds",)
    if test or validation or not is_known:
        images = test or validation
        return PlanStep(
            title=title,
            text=f"It answers {_images(images)} that it did not learn from, and you see which ones it gets "
            "wrong. That is what to expect of new images.",
            costs=costs,
        )
    text = "No image is kept aside, so nothing can say how good it is. Change that on the Data page."
    return PlanStep(title=title, text=text, costs=costs)


def _images(number: int) -> str:
    return count(number, "image", digits=grouped) if number else "images"
