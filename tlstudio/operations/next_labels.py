"""Chooses the images of a project to label next."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tlstudio.checks.evidence import Evidence
from tlstudio.checks.pixels import ImageFeatures
from tlstudio.core.dataset import Dataset, Image
from tlstudio.core.errors import UserError
from tlstudio.data.naming import natural_key
from tlstudio.data.units import unit_numbers
from tlstudio.labelling.head import LabellingHead, fit_head
from tlstudio.labelling.next_images import useful_images
from tlstudio.operations.context import Context, Values
from tlstudio.operations.looking import data_facts, feature_recipe
from tlstudio.project.store import Project
from tlstudio.specs.operations.next_labels import NextLabelsArguments
from tlstudio.specs.recipe import Recipe

SURE = 0.9
"""Least probability of a suggestion that the head is sure of."""
_last: tuple[str, ImageFeatures] | None = None


def next_labels(arguments: NextLabelsArguments, context: Context) -> Values:
    """Choose images without a label: `{"images", "accuracy", "interval", "n"}`.

    Each image is `{"path", "suggestion", "probability"}`. A suggestion is the likeliest class by the labels
    there are; None for both until two classes have labels. `accuracy`, `interval` and `n` say how often
    suggestions for labelled images that were held out are right; None and 0 where there are too few.

    Raises:
        UserError: No backbone is at hand, or an image was changed or is gone.
    """
    with Project(arguments.project) as project:
        draft, dataset = Recipe.model_validate(project.draft()), project.dataset()
        root = project.images_root
    if not root.is_dir():
        raise UserError(
            f"The images folder {root} is not there.",
            mend="Plug in its drive, or open the project in the window and find the folder.",
        )
    if all(image.label() is not None for image in dataset.images):
        return {"images": [], "accuracy": None, "interval": None, "n": 0}
    features = _features(draft, dataset, context)
    by_path = {image.path: image for image in dataset.images}
    images = [by_path[path] for path in features.paths]
    numbers = {name: number for number, name in enumerate(dataset.classes)}
    labels = np.array([numbers.get(image.label() or "", -1) for image in images], dtype=np.int64)
    known, head = labels >= 0, None
    if len(np.unique(labels[known])) > 1:
        units = unit_numbers([image for image, is_known in zip(images, known, strict=True) if is_known])
        head = fit_head(features.values[known], labels[known], classes_count=len(numbers), units=units)
    rows = _rows(arguments, images, labels, features.values, head)
    found: list[Values] = [
        {"path": images[row].path, "suggestion": None, "probability": None} for row in rows
    ]
    if head is None:
        return {"images": found, "accuracy": None, "interval": None, "n": 0}
    for one, likely in zip(found, head.probabilities(features.values[rows]), strict=True):
        suggestion = dataset.classes[int(likely.argmax())]
        one |= {"suggestion": suggestion, "probability": round(float(likely.max()), 4)}
    right, interval = head.accuracy() or (None, None)
    return {
        "images": found,
        "accuracy": right,
        "interval": list(interval.pair) if interval else None,
        "n": head.held_out,
    }


def _features(draft: Recipe, dataset: Dataset, context: Context) -> ImageFeatures:
    """The features of the images; those of the last call are at hand, for the next label comes soon."""
    global _last
    recipe = feature_recipe(draft, dataset)
    if recipe is None:
        raise UserError(
            "The backbone of this project is not on this computer.", mend="Choose another one, or load it."
        )
    images = [(image.path, image.sha256) for image in dataset.images]
    key = hashlib.sha256(repr((recipe.model_dump_json(), images)).encode()).hexdigest()
    if _last is None or _last[0] != key:
        evidence = Evidence(
            dataset=dataset,
            data_facts=data_facts(dataset, recipe=recipe),
            run_id=context.run_id,
            emit=context.emit,
        )
        _last = key, evidence.features(control=context.control)
    return _last[1]


def _rows(
    arguments: NextLabelsArguments,
    images: Sequence[Image],
    labels: NDArray[np.int64],
    features: NDArray[np.float32],
    head: LabellingHead | None,
) -> list[int]:
    """The rows of the chosen images, in the order that was asked for."""
    free: list[int] = np.flatnonzero(labels < 0).tolist()
    if arguments.order == "useful":
        near = [image.near for image in images]
        found = useful_images(
            features, labels, near=near, head=head, number=arguments.count, seed=arguments.seed
        )
        return [int(row) for row in found]
    if arguments.order == "sure":
        surest = head.probabilities(features).max(axis=1) if head else np.zeros(len(labels))
        free = sorted((row for row in free if surest[row] >= SURE), key=lambda row: -float(surest[row]))
    elif arguments.order == "path":
        free.sort(key=lambda row: natural_key(images[row].path))
    else:
        np.random.default_rng(arguments.seed).shuffle(free)
    return free[: arguments.count]


IMPLEMENTATION = next_labels
