"""Asking a classifier about files: the final figures of a run and every prediction come from here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import repeat
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tlstudio.compute.device import keep_freed_memory
from tlstudio.compute.read_ahead import map_ahead
from tlstudio.compute.threads import usable_cores
from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, Paused, StageProgress, StageStarted, ignore
from tlstudio.core.progress import ThrottledProgress
from tlstudio.core.types import PredictedImage
from tlstudio.data.decode import UnreadableImageError
from tlstudio.evaluation.predictions import Predictions
from tlstudio.features.decoded_inputs import KnownInputs, open_inputs
from tlstudio.features.exact_features import ExactFeatures
from tlstudio.features.images import Read, RunImage, read_ahead
from tlstudio.inference.classify import Answering, finish
from tlstudio.models.classifier import Classifier
from tlstudio.models.inference_graph import RuntimeChoice
from tlstudio.models.runtime_choice import choose_runtime

WORTH_A_RUNTIME = 200
"""Images from which making a runtime ready for a classifier takes less time than it saves."""
MOST_WAITING = 64
"""Files, readable or not, that are answered together at most."""


def runtime_for(classifier: Classifier, *, count: int, control: Control) -> RuntimeChoice | None:
    """What to ask a classifier with; None, which is float32 torch, for few images.

    Args:
        classifier: On the device where it will be asked.
        count: Images.
        control: Asked between batches, when the choice is still to be made.
    """
    keep_freed_memory()
    if count < WORTH_A_RUNTIME:
        return None
    return choose_runtime(
        classifier.backbone,
        preprocessing=classifier.preprocessing,
        device=next(classifier.parameters()).device.type,
        threads=torch.get_num_threads(),
        control=control,
    )


def predict_images(
    classifier: Classifier,
    paths: Sequence[Path],
    *,
    run_id: str = "",
    stage: str = "predict",
    title: str = "Asking the classifier",
    emit: Emit = ignore,
    control: Control | None = None,
    runtime: RuntimeChoice | None = None,
    hashes: Sequence[str] | None = None,
) -> Iterator[PredictedImage]:
    """Answers for files, in order, as they come; memory does not grow with their number.

    Every batch has the same size, the last one is filled up, so that an answer does not depend on the images
    that come with it.

    Args:
        classifier: Put in eval mode; runs where it lies.
        paths: Of any files; one that cannot be read gets an `error`, reason and mend.
        run_id: Written into events.
        stage: Of the events.
        title: Of the events.
        emit: Told how far it is.
        control: Asked once per batch.
        runtime: What computes the backbone; None is float32 torch, which needs no making ready.
        hashes: SHA-256 that each file must have; these images are decoded once and kept.

    Yields:
        One answer per path.

    Raises:
        Cancelled: The person cancelled.
    """
    emit(StageStarted(run_id=run_id, stage=stage, title=title, total=len(paths)))
    asking = Answering(classifier, runtime or RuntimeChoice())
    reading = read_ahead(
        list(zip(paths, hashes or repeat(None, len(paths)), strict=True)),
        preprocessing=classifier.preprocessing,
        threads=min(4, usable_cores()),
        known=KnownInputs(open_inputs(classifier.preprocessing)) if hashes else None,
    )

    def answer(batch: Sequence[_Waiting]) -> list[PredictedImage]:
        return list(_answers(asking, classifier.classes, batch))

    batches = _batches(paths, reading, size=asking.batch_size)
    progress = ThrottledProgress(len(paths), stage=stage, run_id=run_id, emit=emit)
    with closing(reading):
        answered = map_ahead(answer, batches, threads=asking.workers, ahead=2 * asking.workers, name="answer")
        with closing(answered):
            for answers in answered:
                if control is not None:
                    control.check(on_pause=lambda: emit(Paused(run_id=run_id)))
                yield from progress.passed(answers)


_Waiting = tuple[Path, Tensor | str]
"""A file with its decoded image, or with the sentence that says why there is none."""


def _batches(paths: Sequence[Path], reading: Iterator[Read], *, size: int) -> Iterator[list[_Waiting]]:
    """Files in order, by as many as hold `size` images; the last batch may hold fewer."""
    waiting: list[_Waiting] = []
    images = 0
    for path, read in zip(paths, reading, strict=True):
        if isinstance(read, Tensor):
            images += 1
            waiting.append((path, read))
        else:
            fault = f"{read.reason} {read.mend}" if isinstance(read, UnreadableImageError) else str(read)
            waiting.append((path, fault))
        # Unreadable files take no place in a batch, but must not pile up either.
        if images == size or len(waiting) == MOST_WAITING:
            yield waiting
            waiting, images = [], 0
    if waiting:
        yield waiting


def _answers(
    asking: Answering, classes: Sequence[str], waiting: Sequence[_Waiting]
) -> Iterator[PredictedImage]:
    inputs = [item for _, item in waiting if isinstance(item, Tensor)]
    rows = iter(asking(torch.stack(inputs)).tolist()) if inputs else iter(())
    for path, item in waiting:
        if isinstance(item, str):
            yield PredictedImage(path=str(path), error=item)
        else:
            yield PredictedImage(path=str(path), probabilities=dict(zip(classes, next(rows), strict=True)))


def predict_labelled(
    classifier: Classifier,
    images: Sequence[RunImage],
    *,
    run_id: str,
    title: str,
    runtime: RuntimeChoice | None = None,
    shown: ExactFeatures | None = None,
    emit: Emit,
    control: Control,
) -> Predictions:
    """Predictions for images with labels, from decoded files.

    Args:
        classifier: The assembled one.
        images: Of one split; their labels index the classifier's classes.
        run_id: Written into events.
        title: Of the events.
        runtime: See `predict_images`.
        shown: For images that the classifier's backbone, as it is now, has been shown by this very process
            only the head still has to answer.
        emit: Told how far it is.
        control: Asked once per batch.

    Raises:
        UserError: An image can no longer be read: figures must not leave out images silently.
        Cancelled: The person cancelled.
    """
    probabilities = np.empty((len(images), len(classifier.classes)))
    features = shown.features(images) if shown is not None else {}
    if features:
        batch_size = (runtime or RuntimeChoice()).batch_size
        completed = finish(classifier, torch.stack(list(features.values())), batch_size=batch_size)
        probabilities[list(features)] = completed.numpy()
    asked = [place for place in range(len(images)) if place not in features]
    if images and not asked:
        emit(StageStarted(run_id=run_id, stage="evaluation", title=title, total=len(images)))
        emit(StageProgress(run_id=run_id, stage="evaluation", done=len(images), total=len(images)))
    answers = predict_images(
        classifier,
        [images[place].file for place in asked],
        run_id=run_id,
        stage="evaluation",
        title=title,
        runtime=runtime,
        emit=emit,
        control=control,
        hashes=[images[place].sha256 for place in asked],
    )
    for place, answer in zip(asked, answers if asked else (), strict=True):
        if answer.error is not None:
            raise UserError(
                f"The image {images[place].path} can no longer be read.",
                work="The training is kept.",
                mend=answer.error,
            )
        probabilities[place] = list(answer.probabilities.values())
    return Predictions(
        paths=tuple(image.path for image in images),
        classes=classifier.classes,
        probabilities=probabilities,
        true_indices=np.array([image.label for image in images], dtype=np.int64),
    )
