"""Lists what differs between two runs: settings, images and labels, versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tlstudio.core.errors import UserError
from tlstudio.core.freeze_words import line_words
from tlstudio.core.types import SPLIT_NAMES, SPLIT_WORDS
from tlstudio.core.wording import count
from tlstudio.data.splits import read_split
from tlstudio.evaluation.predictions import read_predictions_csv
from tlstudio.models.catalogue import backbone_info
from tlstudio.project.run_images import TEST_SIDE, read_known_images
from tlstudio.project.runs import RunFolder
from tlstudio.specs import CHOOSE_FOR_ME, STRATEGIES
from tlstudio.specs.recipe import Recipe, read_recipe, settings_of

NO_MATTER = frozenset({"schema_version", "device", "threads", "budget_seconds", "strategy_options", "inputs"})
"""Settings that do not decide what a classifier becomes, and those that are told in another way."""
ABSENT = "–"
MOST_CLASSES = 8
"""Classes that are named one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that differs between two runs.

    Attributes:
        setting: Its name.
        first: What it is in the first run.
        second: What it is in the second run.
    """

    setting: str
    first: str
    second: str


def run_differences(first: RunFolder, second: RunFolder) -> tuple[Difference, ...]:
    """List what differs between two runs, settings before data.

    Args:
        first: A run.
        second: Another one.

    Raises:
        UserError: A file of one of them is missing or damaged.
    """
    recipes = read_recipe(first.recipe), read_recipe(second.recipe)
    return tuple(
        Difference(setting=name, first=one, second=other)
        for name, one, other in (
            *_settings(*recipes),
            *_data(first, second, *recipes),
            *_compared("Version of ", *(recipe.versions for recipe in recipes)),
        )
        if one != other
    )


def _settings(first: Recipe, second: Recipe) -> Iterator[tuple[str, str, str]]:
    """Name and words of each setting in both recipes."""
    yield "Backbone", _backbone(first), _backbone(second)
    yield "Strategy", _strategy(first), _strategy(second)
    yield "What learns", _line(first), _line(second)
    yield from _compared("", _options(first), _options(second))
    values = [dict(_flat(settings_of(recipe.model_dump(mode="json")))) for recipe in (first, second)]
    told = {"backbone.id", "strategy", "freeze"}
    for name in dict.fromkeys([*values[0], *values[1]]):
        if name not in told and name.partition(".")[0] not in NO_MATTER:
            words = [_words(part.get(name)) for part in values]
            yield _title(name), words[0], words[1]


def _data(first: RunFolder, second: RunFolder, one: Recipe, other: Recipe) -> Iterator[tuple[str, str, str]]:
    yield "Weights of the backbone", *_told_apart(one.backbone.weights_sha256, other.backbone.weights_sha256)
    yield "Classes", _classes(one), _classes(other)
    if one.data_sha256 is None or one.data_sha256 != other.data_sha256:
        yield "Images and labels", _images(first), f"{_images(second)}{_changes(first, second)}"
    sides = [read_split(run.split).assignment for run in (first, second)]
    if sides[0] != sides[1]:
        words = [_division(part) for part in sides]
        moved = sum(sides[1].get(path, side) != side for path, side in sides[0].items())
        more = f"; {count(moved, 'image')} on another side" if moved else ""
        yield "Division", words[0], f"{words[1]}{more}"


def _compared(
    prefix: str, first: Mapping[str, str], second: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    for name in dict.fromkeys([*first, *second]):
        yield f"{prefix}{name}", first.get(name, ABSENT), second.get(name, ABSENT)


def _flat(values: Mapping[str, Any], *, above: str = "") -> Iterator[tuple[str, Any]]:
    """The settings of all sections, as "section.name" and value."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, above=f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _title(name: str) -> str:
    """A setting as words: "optimiser.batch_size" becomes "Optimiser: batch size"."""
    words = name.replace("_", " ").replace(".", ": ")
    return words[:1].upper() + words[1:]


def _words(value: object) -> str:
    if value is None or value == [] or value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _backbone(recipe: Recipe) -> str:
    try:
        title = backbone_info(recipe.backbone.id).title
    except UserError:
        title = recipe.backbone.id
    return title


def _strategy(recipe: Recipe) -> str:
    return STRATEGIES.get(recipe.strategy).short if recipe.strategy in STRATEGIES else recipe.strategy


def _line(recipe: Recipe) -> str:
    return CHOOSE_FOR_ME.title if recipe.freeze == CHOOSE_FOR_ME.id else line_words(recipe.freeze)


def _options(recipe: Recipe) -> dict[str, str]:
    """Options of the strategy that are not what they are by default, and what it was given."""
    found: dict[str, str] = {}
    spec = STRATEGIES.get(recipe.strategy) if recipe.strategy in STRATEGIES else None
    fields = spec.options.model_fields if spec else {}
    for name, value in recipe.strategy_options.items():
        default = fields[name].get_default(call_default_factory=True) if name in fields else None
        if value != default:
            found[(fields[name].title if name in fields else None) or _title(name)] = _words(value)
    titles = {wanted.id: wanted.title for wanted in spec.inputs} if spec else {}
    return found | {titles.get(name, name): value for name, value in recipe.inputs.items()}


def _told_apart(first: str | None, second: str | None) -> tuple[str, str]:
    """Two hashes by their beginnings; alike where one is not known."""
    return (first[:8], second[:8]) if first and second else ("", "")


def _classes(recipe: Recipe) -> str:
    names, more = recipe.classes[:MOST_CLASSES], len(recipe.classes) - MOST_CLASSES
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def _images(run: RunFolder) -> str:
    return count(len(read_split(run.split).assignment), "image")


def _changes(first: RunFolder, second: RunFolder) -> str:
    """Changes from the images and labels of the first run to those of the second, as far as known."""
    parts: list[str] = []
    changes = 0
    is_noted = all(run.images.exists() and run.test_images.exists() for run in (first, second))
    if is_noted:
        before, after = _contents(first), _contents(second)
        new, gone = (after - before).total(), (before - after).total()
        parts, changes = [f"{new} new, {gone} gone"], new + gone
    labels = [_labels(run) for run in (first, second)]
    both = labels[0].keys() & labels[1].keys()
    changed = sum(labels[0][path] != labels[1][path] for path in both)
    if both:
        parts += [f"{changed} of {len(both)} labels of check and test images changed"]
    if not changes + changed:  # the labels of training images are not noted
        return ", with other training labels or names of files" if is_noted else ", not the same"
    return f": {'; '.join(parts)}"


def _contents(run: RunFolder) -> Counter[str]:
    known = read_known_images(run.images) + read_known_images(run.test_images, sides=TEST_SIDE)
    return Counter(image.sha256 for image in known)


def _labels(run: RunFolder) -> dict[str, str]:
    """The labels of the images that the run has answers for, by path."""
    if not run.predictions.exists():
        return {}
    return {
        path: part.classes[true] if true >= 0 else ""
        for part in read_predictions_csv(run.predictions).values()
        for path, true in zip(part.paths, part.true_indices.tolist(), strict=True)
    }


def _division(sides: Mapping[str, str]) -> str:
    numbers = Counter(sides.values())
    return ", ".join(f"{numbers[name]} {SPLIT_WORDS[name]}" for name in SPLIT_NAMES if numbers[name])
