"""Asking a classifier about files: the final figures of a run and every prediction come from here."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import repeat
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tlstudio.core.control import Control
from tlstudio.core.device import usable_cores
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, Paused, StageProgress, StageStarted, ignore
from tlstudio.core.types import PredictedImage
from tlstudio.data.decode import UnreadableImageError
from tlstudio.evaluation.predictions import Predictions
from tlstudio.models.classifier import Classifier
from tlstudio.training.images import RunImage, read_ahead
from tlstudio.training.inputs import KnownInputs, open_inputs

BATCH_SIZE = 32


def predict_images(
    classifier: Classifier,
    paths: Sequence[Path],
    *,
    run_id: str = "",
    stage: str = "predict",
    title: str = "Asking the classifier",
    emit: Emit = ignore,
    control: Control | None = None,
    batch_size: int = BATCH_SIZE,
    hashes: Sequence[str] | None = None,
) -> Iterator[PredictedImage]:
    """Answers for files, in order, as they come; memory does not grow with their number.

    Every batch has the same size, the last one is filled up, so that an answer does not depend on how many
    images follow.

    Args:
        classifier: Put in eval mode; runs where it lies.
        paths: Of any files; one that cannot be read gets an `error`, reason and mend.
        run_id: Written into events.
        stage: Of the events.
        title: Of the events.
        emit: Told how far it is.
        control: Asked once per batch.
        batch_size: Images per pass.
        hashes: SHA-256 that each file must have; these images are decoded once and kept.

    Yields:
        One answer per path.

    Raises:
        Cancelled: The person cancelled.
    """
    emit(StageStarted(run_id=run_id, stage=stage, title=title, total=len(paths)))
    classifier.eval()
    device = next(classifier.parameters()).device
    size = min(batch_size, max(1, len(paths)))
    started = time.monotonic()
    reading = read_ahead(
        list(zip(paths, hashes or repeat(None, len(paths)), strict=True)),
        preprocessing=classifier.preprocessing,
        threads=min(4, usable_cores()),
        known=KnownInputs(open_inputs(classifier.preprocessing), hashes) if hashes else None,
    )
    waiting: list[tuple[Path, Tensor | str]] = []
    for done, (path, decoded) in enumerate(zip(paths, reading, strict=True), 1):
        fault = f"{decoded.reason} {decoded.mend}" if isinstance(decoded, UnreadableImageError) else None
        waiting.append((path, decoded if isinstance(decoded, Tensor) else fault or str(decoded)))
        # Unreadable files take no place in a batch, but must not pile up either.
        ready = sum(isinstance(item, Tensor) for _, item in waiting) == size or len(waiting) == 8 * size
        if not ready and done < len(paths):
            continue
        if control is not None:
            control.check(on_pause=lambda: emit(Paused(run_id=run_id)))
        yield from _answers(classifier, waiting, size=size, device=device)
        waiting.clear()
        seconds = max(time.monotonic() - started, 1e-6)
        emit(
            StageProgress(
                run_id=run_id,
                stage=stage,
                done=done,
                total=len(paths),
                seconds_left=seconds / done * (len(paths) - done),
                images_per_second=done / seconds,
            )
        )


def _answers(
    classifier: Classifier, waiting: Sequence[tuple[Path, Tensor | str]], *, size: int, device: torch.device
) -> Iterator[PredictedImage]:
    inputs = [item for _, item in waiting if isinstance(item, Tensor)]
    rows: Iterator[list[float]] = iter(())
    if inputs:
        batch = torch.stack(inputs + [inputs[-1]] * (size - len(inputs)))
        with torch.inference_mode():
            logits = classifier(batch.to(device))[: len(inputs)]
        # On the processor, because some graphics chips have no float64.
        rows = iter(logits.cpu().double().softmax(dim=1).tolist())
    for path, item in waiting:
        if isinstance(item, str):
            yield PredictedImage(path=str(path), error=item)
        else:
            yield PredictedImage(
                path=str(path), probabilities=dict(zip(classifier.classes, next(rows), strict=True))
            )


def predict_labelled(
    classifier: Classifier,
    images: Sequence[RunImage],
    *,
    run_id: str,
    title: str,
    emit: Emit,
    control: Control,
) -> Predictions:
    """Predictions for images with labels, from decoded files.

    Args:
        classifier: The assembled one.
        images: Of one split; their labels index the classifier's classes.
        run_id: Written into events.
        title: Of the events.
        emit: Told how far it is.
        control: Asked once per batch.

    Raises:
        UserError: An image can no longer be read: figures must not leave out images silently.
        Cancelled: The person cancelled.
    """
    probabilities = np.empty((len(images), len(classifier.classes)))
    if images:
        answers = predict_images(
            classifier,
            [image.file for image in images],
            run_id=run_id,
            stage="evaluation",
            title=title,
            emit=emit,
            control=control,
            hashes=[image.sha256 for image in images],
        )
        for row, answer in enumerate(answers):
            if answer.error is not None:
                raise UserError(
                    f"The image {images[row].path} can no longer be read.",
                    work="The training is kept.",
                    mend=answer.error,
                )
            probabilities[row] = list(answer.probabilities.values())
    return Predictions(
        paths=tuple(image.path for image in images),
        classes=classifier.classes,
        probabilities=probabilities,
        true_indices=np.array([image.label for image in images], dtype=np.int64),
    )
