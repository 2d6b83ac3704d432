"""Chooses the images of a project to label next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tlstudio.checks.evidence import Evidence
from tlstudio.core.dataset import Dataset, Image
from tlstudio.core.errors import UserError
from tlstudio.data.naming import natural_key
from tlstudio.labelling.head import fit_head
from tlstudio.labelling.next_images import useful_images
from tlstudio.operations.context import Context, Values
from tlstudio.operations.looking import data_facts, feature_recipe
from tlstudio.project.store import Project
from tlstudio.specs.operations.next_labels import NextLabelsArguments
from tlstudio.specs.recipe import Recipe


def next_labels(arguments: NextLabelsArguments, context: Context) -> Values:
    """Choose images without a label: `{"images": [{"path", "suggestion", "probability"}], "right", …}`.

    A suggestion is the likeliest class by the labels there are, with its probability; None for both until two
    classes have labels. `accuracy`, `interval` and `n` say how often suggestions for labelled images, each
    held out, are right; None where there are too few.

    Raises:
        UserError: No backbone is at hand, or an image was changed or is gone.
    """
    with Project(arguments.project) as project:
        draft, dataset = Recipe.model_validate(project.draft()), project.dataset()
    open_images = [image for image in dataset.images if image.label() is None]
    if not open_images:
        return {"images": [], "accuracy": None, "interval": None, "n": 0}
    recipe = feature_recipe(draft, dataset)
    if recipe is None:
        raise UserError(
            "The backbone of this project is not on this computer.", mend="Choose another one, or load it."
        )
    evidence = Evidence(
        dataset=dataset,
        data_facts=data_facts(dataset, recipe=recipe),
        run_id=context.run_id,
        emit=context.emit,
    )
    features = evidence.features(control=context.control)
    by_path = {image.path: image for image in dataset.images}
    images = [by_path[path] for path in features.paths]
    labels, classes = _labels(images, dataset)
    known = labels >= 0
    head = None
    if len(np.unique(labels[known])) > 1:
        head = fit_head(features.values[known], labels[known], classes_count=len(classes))
    rows = _rows(arguments, images, labels)
    if arguments.order == "useful":
        rows = useful_images(
            features.values,
            labels,
            near=[image.near for image in images],
            head=head,
            number=arguments.count,
            seed=arguments.seed,
        ).tolist()
    found: list[Values] = [
        {"path": images[row].path, "suggestion": None, "probability": None} for row in rows
    ]
    if head is None:
        return {"images": found, "accuracy": None, "interval": None, "n": 0}
    probabilities = head.probabilities(features.values[rows])
    for one, likely in zip(found, probabilities, strict=True):
        one |= {"suggestion": classes[int(likely.argmax())], "probability": round(float(likely.max()), 4)}
    accuracy = head.accuracy()
    return {
        "images": found,
        "accuracy": accuracy[0] if accuracy else None,
        "interval": list(accuracy[1].pair) if accuracy else None,
        "n": head.held_out,
    }


def _labels(images: Sequence[Image], dataset: Dataset) -> tuple[np.ndarray, Sequence[str]]:
    classes = dataset.classes
    number_of = {name: number for number, name in enumerate(classes)}
    return np.array([number_of.get(image.label() or "", -1) for image in images], dtype=np.int64), classes


def _rows(arguments: NextLabelsArguments, images: Sequence[Image], labels: np.ndarray) -> list[int]:
    """The rows in a plain order."""
    free = sorted(np.flatnonzero(labels < 0).tolist(), key=lambda row: natural_key(images[row].path))
    if arguments.order == "random":
        free = np.random.default_rng(arguments.seed).permutation(free).tolist()
    return free[: arguments.count]


IMPLEMENTATION = next_labels
