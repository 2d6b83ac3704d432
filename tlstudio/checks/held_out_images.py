"""The images that a run kept for testing and checking, with their labels, where they still are."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tlstudio.core.dataset import Dataset, Image, labels_of
from tlstudio.core.errors import UserError
from tlstudio.core.files import sha256_of
from tlstudio.evaluation.predictions import Predictions, read_predictions_csv
from tlstudio.project.images_root import find_images_root
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOutImages:
    """Images of one kind with those that a run learned from, which it did not learn from itself.

    Attributes:
        root: Folder that their paths are relative to.
        labels: Path to class name.
    """

    root: Path
    labels: dict[str, str]

    def dataset(self, paths: list[str]) -> Dataset:
        """A data set of some of the images.

        Raises:
            UserError: One can no longer be read.
        """
        images = []
        for path in paths:
            file = self.root / path
            try:
                digest = sha256_of(file)
            except OSError as error:
                raise UserError(
                    f"The image {file} can no longer be read.", mend="Put it back, and evaluate again."
                ) from error
            images.append(Image(path=path, sha256=digest, labels=labels_of(self.labels[path])))
        return Dataset.of_folder(self.root, images=images, classes=sorted(set(self.labels.values())))


def find_held_out_images(run: RunFolder, recipe: Recipe) -> HeldOutImages | None:
    """Find the test and check images of a finished run; None where there are none any more."""
    labels: dict[str, str] = {}
    with suppress(UserError, OSError):  # without predictions it is not known which they are
        for side, part in read_predictions_csv(run.predictions).items():
            if side != "test" and recipe.learns_from == "train+validation":
                continue  # in the end it learned from its check images
            labelled = part.labelled()
            names = (labelled.classes[index] for index in labelled.true_indices)
            labels.update(zip(labelled.paths, names, strict=True))
    root = find_images_root(run, recipe, paths=labels) if labels else None
    if root is None:
        return None
    present = {path: label for path, label in labels.items() if (root / path).is_file()}
    return HeldOutImages(root=root, labels=present) if present else None


def held_out_predictions(run: RunFolder, given: Predictions) -> Predictions:
    """The predictions of a run for its labelled test and check images together.

    Args:
        run: Has predictions.
        given: Those by which it is judged; returned alone where the others are of other classes.

    Raises:
        UserError: The predictions of the run are damaged.
    """
    parts = [part.labelled() for part in read_predictions_csv(run.predictions).values()]
    if any(part.classes != given.classes for part in parts):
        return given.labelled()
    return Predictions(
        paths=tuple(path for part in parts for path in part.paths),
        classes=given.classes,
        probabilities=np.concatenate([part.probabilities for part in parts]),
        true_indices=np.concatenate([part.true_indices for part in parts]),
    )
