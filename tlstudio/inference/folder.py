"""Predictions for a labelled folder that is not the run's own, without the images of its training."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset, Image
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit
from tlstudio.core.files import sha256_of
from tlstudio.data.near_hash import near_hash, turned_hashes
from tlstudio.data.splits import read_split
from tlstudio.evaluation.left_out import Candidate, LeftOut, find_seen
from tlstudio.evaluation.predictions import Predictions
from tlstudio.features.images import RunImage
from tlstudio.features.near_hashes import hash_files
from tlstudio.inference.predict import predict_labelled, runtime_for
from tlstudio.models.classifier import Classifier, load_classifier
from tlstudio.project.images_root import find_images_root
from tlstudio.project.run_images import KnownImage, read_known_images
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import read_recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderPredictions:
    """The predictions that count, and what does not."""

    predictions: Predictions
    left_out: LeftOut


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
        UserError: No class is one that the classifier knows, or the training has seen every image.
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
    images = [
        RunImage(path=image.path, file=dataset.root / image.path, sha256=image.sha256, label=index)
        for image, index in labelled
    ]
    recogniser = _Recogniser(classifier, run_id=run_id, emit=emit, control=control)
    known, number = recogniser.known_images(run)
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
        left_out=LeftOut(
            same=same,
            alike=alike,
            unlabelled=tuple(unlabelled),
            unknown={name: tuple(paths) for name, paths in sorted(unknown.items())},
            unusable=len(dataset.problems),
            compared=len(known),
            known=number,
        ),
    )


class _Recogniser:
    """Finds the images of a folder that had a part in the training of a run."""

    def __init__(self, classifier: Classifier, *, run_id: str, emit: Emit, control: Control) -> None:
        self._preprocessing = classifier.preprocessing
        self._run_id, self._emit, self._control = run_id, emit, control

    def known_images(self, run: RunFolder) -> tuple[list[KnownImage], int]:
        """The images of a training that can be compared, and how many there are altogether."""
        if run.images.exists():
            known = read_known_images(run.images)
            return known, len(known)
        # A run of a version that did not note them: its images may still be where they were.
        sides: dict[str, str] = {}
        root: Path | None = None
        with suppress(UserError, OSError):
            assignment = read_split(run.split).assignment
            sides = {path: side for path, side in assignment.items() if side != "test"}
            root = find_images_root(run, read_recipe(run.recipe), paths=sides)
        found: list[tuple[str, Path, str]] = []
        if root is not None:
            for path in sides:
                self._control.check()
                with suppress(OSError):
                    found.append((path, root / path, sha256_of(root / path)))
        hashes = hash_files(
            [(file, sha256) for _, file, sha256 in found],
            near_hash,
            nothing="",
            preprocessing=self._preprocessing,
            run_id=self._run_id,
            emit=self._emit,
            control=self._control,
        )
        known = [
            KnownImage(path=path, split=sides[path], sha256=sha256, near_hash=look)
            for (path, _, sha256), look in zip(found, hashes, strict=True)
        ]
        return known, len(sides)

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
        return find_seen(candidates, known)


def _one_form(name: str) -> str:
    return unicodedata.normalize("NFC", name)
