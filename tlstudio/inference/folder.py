"""Predictions for a labelled folder that is not the run's own, without the images of its training."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from tlstudio.core.control import Control
from tlstudio.core.dataset import DEFAULT_COLUMN, Dataset, Image
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit
from tlstudio.data.layout.table_beside import load_table
from tlstudio.data.near_hash import near_hash, turned_hashes
from tlstudio.data.tables.further_columns import label_column
from tlstudio.evaluation.left_out import Candidate, LeftOut, find_seen
from tlstudio.evaluation.predictions import Predictions
from tlstudio.features.images import UNLABELLED, RunImage
from tlstudio.features.near_hashes import hash_files
from tlstudio.inference.cut_copies import find_cut_copies
from tlstudio.inference.predict import predict_labelled, runtime_for
from tlstudio.inference.training_images import find_training_images
from tlstudio.models.classifier import Classifier, load_classifier
from tlstudio.project.images_root import find_images_root
from tlstudio.project.run_images import KnownImage
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import read_recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderPredictions:
    """The predictions that count, what does not, and the name of the first label column."""

    predictions: Predictions
    left_out: LeftOut
    column: str = DEFAULT_COLUMN


def predict_folder(
    run: RunFolder, dataset: Dataset, *, run_id: str, emit: Emit, control: Control
) -> FolderPredictions:
    """Predict the labelled images of a folder that the run has not seen.

    Args:
        run: With a trained classifier.
        dataset: The folder as scanned.
        run_id: Written into events.
        emit: Receives progress.
        control: Checked once per image.

    Raises:
        UserError: No class is one that the classifier knows, the training has seen every image, or the list
            of the images it has seen is damaged.
        Cancelled: The person cancelled.
    """
    classifier = load_classifier(run.trained_model())
    # macOS and Linux may encode the accents of one name differently.
    indices = {_one_form(name): index for index, name in enumerate(classifier.classes)}
    labelled: list[tuple[Image, int]] = []
    unlabelled: list[str] = []
    unknown: dict[str, list[str]] = defaultdict(list)
    for image in dataset.images:
        name = image.label()
        if name is None:
            unlabelled.append(image.path)
        elif _one_form(name) in indices:
            labelled.append((image, indices[_one_form(name)]))
        else:
            unknown[name].append(image.path)
    if not labelled:
        raise UserError(
            f"None of the classes in {dataset.root} is one the model knows "
            f"({', '.join(classifier.classes)}).",
            mend="Name the sub-folders like the classes the model was trained on.",
        )
    further, unknown_further = _further_labels(classifier, dataset)
    # An image without a label in the first column counts in those in which it has one.
    only_further = [
        image
        for image in dataset.images
        if image.label() is None and any(of_path.get(image.path, UNLABELLED) >= 0 for of_path in further)
    ]
    labelled += [(image, UNLABELLED) for image in only_further]
    elsewhere = {image.path for image in only_further}
    images = [
        RunImage(
            path=image.path,
            file=dataset.root / image.path,
            sha256=image.sha256,
            label=index,
            further=tuple(of_path.get(image.path, UNLABELLED) for of_path in further),
        )
        for image, index in labelled
    ]
    recogniser = _Recogniser(run, classifier, run_id=run_id, emit=emit, control=control)
    known, number = recogniser.known_images()
    same, alike = recogniser.seen(images, known)
    fresh = [image for image in images if image.path not in same and image.path not in alike]
    if not fresh:
        every = "The one image" if len(images) == 1 else f"All {len(images)} images"
        raise UserError(
            f"{every} in {dataset.root} had a part in the training of this run"
            f"{f' ({len(alike)} saved in another way)' if alike else ''}, so nothing can be measured.",
            mend="Give images that it has not seen.",
        )
    predictions = predict_labelled(
        classifier,
        fresh,
        run_id=run_id,
        title="Classifying the images",
        runtime=runtime_for(classifier, count=len(fresh), control=control),
        emit=emit,
        control=control,
    )
    return FolderPredictions(
        predictions=predictions,
        column=classifier.columns[0].name,
        left_out=LeftOut(
            same=same,
            alike=alike,
            unlabelled=tuple(path for path in unlabelled if path not in elsewhere),
            unknown={name: tuple(paths) for name, paths in sorted(unknown.items())},
            unknown_further=unknown_further,
            unusable=len(dataset.problems),
            compared=len(known),
            known=number,
            of_now=not run.images.exists(),
        ),
    )


class _Recogniser:
    """Finds the images of a folder that had a part in the training of a run."""

    def __init__(
        self, run: RunFolder, classifier: Classifier, *, run_id: str, emit: Emit, control: Control
    ) -> None:
        self._run = run
        self._preprocessing = classifier.preprocessing
        self._run_id, self._emit, self._control = run_id, emit, control

    def known_images(self) -> tuple[list[KnownImage], int]:
        """The images of a training that can be compared, and how many there are altogether."""
        found = find_training_images(self._run, control=self._control)
        if not found.files:
            return list(found.images), found.number
        hashes = hash_files(
            [(file, image.sha256) for file, image in zip(found.files, found.images, strict=True)],
            near_hash,
            nothing="",
            preprocessing=self._preprocessing,
            run_id=self._run_id,
            emit=self._emit,
            control=self._control,
        )
        known = [replace(image, near_hash=look) for image, look in zip(found.images, hashes, strict=True)]
        return known, found.number

    def seen(
        self, images: list[RunImage], known: list[KnownImage]
    ) -> tuple[dict[str, KnownImage], dict[str, KnownImage]]:
        """See `find_seen`."""
        if not known:
            return {}, {}
        nothing: tuple[str, ...] = ()
        hashes = hash_files(
            [(image.file, image.sha256) for image in images],
            turned_hashes,
            nothing=nothing,
            preprocessing=self._preprocessing,
            run_id=self._run_id,
            emit=self._emit,
            control=self._control,
        )
        candidates = [
            Candidate(path=image.path, sha256=image.sha256, near_hashes=looks)
            for image, looks in zip(images, hashes, strict=True)
        ]
        same, alike = find_seen(candidates, known)
        cut = find_cut_copies(
            [image for image in images if image.path not in same and image.path not in alike],
            known,
            hashes={one.path: one.near_hashes for one in candidates},
            known_files=self._files_of(known),
            preprocessing=self._preprocessing,
            run_id=self._run_id,
            emit=self._emit,
            control=self._control,
        )
        return same, {**alike, **cut}

    def _files_of(self, known: list[KnownImage]) -> dict[str, Path]:
        """The files of images of the run, by SHA-256, as far as they are where they were."""
        with suppress(UserError, OSError):
            recipe = read_recipe(self._run.recipe)
            root = find_images_root(self._run, recipe, paths=(image.path for image in known))
            return {} if root is None else {image.sha256: root / image.path for image in known}
        return {}


def _further_labels(
    classifier: Classifier, dataset: Dataset
) -> tuple[list[dict[str, int]], dict[str, dict[str, tuple[str, ...]]]]:
    """The index of the class of each image by its path in each further label column, and unknown classes.

    Labels stand in the table beside the images; where it lacks a column or has other classes, images are
    without a label there. Unknown classes are told by column, with the paths of their images.
    """
    further = classifier.columns[1:]
    table = load_table(dataset.root, [image.path for image in dataset.images]) if further else None
    found, strange = [], {}
    for column in further:
        name = table.find_column(column.name) if table is not None else None
        labels = label_column(table, name) if table is not None and name is not None else {}
        indices = {_one_form(one): index for index, one in enumerate(column.classes)}
        known = {path: indices.get(_one_form(one), UNLABELLED) for path, one in labels.items()}
        found.append(known)
        unknown = defaultdict(list)
        for path, index in known.items():
            if index == UNLABELLED:
                unknown[labels[path]].append(path)
        if unknown:
            strange[column.name] = {one: tuple(unknown[one]) for one in sorted(unknown)}
    return found, strange


def _one_form(name: str) -> str:
    return unicodedata.normalize("NFC", name)
