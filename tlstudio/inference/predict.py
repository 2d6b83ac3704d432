"""Predictions for image files; the final metrics of a run and every `predict` command come from here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import repeat
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tlstudio.compute.device import keep_freed_memory, single_threaded_pool
from tlstudio.compute.process import usable_cores
from tlstudio.compute.read_ahead import map_ahead
from tlstudio.core.control import Control
from tlstudio.core.dataset import LabelColumn
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, Paused, StageProgress, StageStarted, ignore
from tlstudio.core.progress import ThrottledProgress
from tlstudio.core.types import PredictedImage
from tlstudio.data.decode import OnUnseen, UnreadableImageError
from tlstudio.evaluation.predictions import Predictions, predictions_of_columns
from tlstudio.features.decoded_inputs import InputCache, open_input_store
from tlstudio.features.exact_features import ExactFeatures
from tlstudio.features.images import InputOrError, RunImage, column_labels, read_ahead
from tlstudio.inference.classify import BatchClassifier, classify_features
from tlstudio.inference.predictor import answer
from tlstudio.models.classifier import Classifier
from tlstudio.models.frozen.inference_graph import RuntimeChoice
from tlstudio.models.frozen.runtime_choice import choose_runtime

WORTH_A_RUNTIME = 200
"""Number of images from which preparing a faster runtime takes less time than it saves."""
MOST_PENDING = 64
"""Files in one batch at most, counting the unreadable ones, which take no place in the tensor."""


def runtime_for(classifier: Classifier, *, count: int, control: Control) -> RuntimeChoice | None:
    """Choose the runtime for predicting some images; None (float32 torch) when there are few.

    Args:
        classifier: On the device where it will run.
        count: Number of images.
        control: Checked between batches while runtimes are timed.
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
    title: str = "Classifying the images",
    emit: Emit = ignore,
    control: Control | None = None,
    runtime: RuntimeChoice | None = None,
    hashes: Sequence[str] | None = None,
    on_unseen: OnUnseen | None = None,
    with_unknown: bool = True,
) -> Iterator[PredictedImage]:
    """Predict files one after the other; memory does not grow with their number.

    Every batch has the same size (the last one is filled up), so that a prediction does not depend on the
    images that happen to be in the same batch.

    Args:
        classifier: Put in eval mode; runs on the device where it is.
        paths: Any files; one that cannot be read gets an `error` with reason and mend.
        run_id: Written into events.
        stage: Written into events.
        title: Written into events.
        emit: Receives progress.
        control: Checked once per batch.
        runtime: What computes the backbone; None is float32 torch, which needs no preparation.
        hashes: SHA-256 that each file must have; these images are decoded once and their inputs cached.
        on_unseen: See `decode_bytes`.
        with_unknown: Whether unknown scores are computed, where the classifier gives them.

    Yields:
        One prediction per path, in order.

    Raises:
        Cancelled: The person cancelled.
    """
    emit(StageStarted(run_id=run_id, stage=stage, title=title, total=len(paths)))
    classify = BatchClassifier(classifier, runtime or RuntimeChoice(), with_unknown=with_unknown)
    reading = read_ahead(
        list(zip(paths, hashes or repeat(None, len(paths)), strict=True)),
        preprocessing=classifier.preprocessing,
        threads=min(4, usable_cores()),
        cache=InputCache(open_input_store(classifier.preprocessing)) if hashes else None,
        on_unseen=on_unseen,
    )

    def predict(batch: Sequence[_Pending]) -> list[PredictedImage]:
        return list(_predict_batch(classify, classifier.columns, batch))

    batches = _batches(paths, reading, size=classify.batch_size)
    progress = ThrottledProgress(len(paths), stage=stage, run_id=run_id, emit=emit)
    workers = classify.workers
    with closing(reading):
        predicted = map_ahead(
            predict,
            batches,
            threads=workers,
            ahead=2 * workers,
            name="predict",
            make_pool=single_threaded_pool,
        )
        with closing(predicted):
            for predictions in predicted:
                if control is not None:
                    control.check(on_pause=lambda: emit(Paused(run_id=run_id)))
                yield from progress.passed(predictions)


_Pending = tuple[Path, Tensor | str]
"""A file with its decoded image, or with the message that says why there is none."""


def _batches(
    paths: Sequence[Path], reading: Iterator[InputOrError], *, size: int
) -> Iterator[list[_Pending]]:
    """Group files, in order, into batches of `size` readable images; the last batch may hold fewer."""
    pending: list[_Pending] = []
    images = 0
    for path, read in zip(paths, reading, strict=True):
        if isinstance(read, Tensor):
            images += 1
            pending.append((path, read))
        else:
            fault = f"{read.reason} {read.mend}" if isinstance(read, UnreadableImageError) else str(read)
            pending.append((path, fault))
        # Unreadable files take no place in a batch, but must not pile up either.
        if images == size or len(pending) == MOST_PENDING:
            yield pending
            pending, images = [], 0
    if pending:
        yield pending


def _predict_batch(
    classify: BatchClassifier, columns: Sequence[LabelColumn], batch: Sequence[_Pending]
) -> Iterator[PredictedImage]:
    inputs = [item for _, item in batch if isinstance(item, Tensor)]
    output = classify(torch.stack(inputs)) if inputs else None
    rows = iter(output.probabilities.tolist()) if output is not None else iter(())
    scores = (
        iter(output.unknown.tolist()) if output is not None and output.unknown is not None else repeat(None)
    )
    for path, item in batch:
        if isinstance(item, str):
            yield PredictedImage(path=str(path), error=item)
        else:
            yield answer(path, columns=columns, probabilities=next(rows), unknown=next(scores))


def predict_labelled(
    classifier: Classifier,
    images: Sequence[RunImage],
    *,
    run_id: str,
    title: str,
    runtime: RuntimeChoice | None = None,
    exact_features: ExactFeatures | None = None,
    emit: Emit,
    control: Control,
) -> Predictions:
    """Predict labelled images from their decoded files.

    Args:
        classifier: The assembled classifier.
        images: Of one split; their labels are indices into the classes of the classifier's label columns.
        run_id: Written into events.
        title: Written into events.
        runtime: As for `predict_images`.
        exact_features: Float32 features that this process has already computed with the backbone's present
            weights; for these images only the head is run.
        emit: Receives progress.
        control: Checked once per batch.

    Raises:
        UserError: An image can no longer be read; metrics must not leave out images silently.
        Cancelled: The person cancelled.
    """
    probabilities = np.empty((len(images), sum(classifier.sizes)))
    features = exact_features.features(images) if exact_features is not None else {}
    if features:
        batch_size = (runtime or RuntimeChoice()).batch_size
        rows = classify_features(classifier, torch.stack(list(features.values())), batch_size=batch_size)
        probabilities[list(features)] = rows.numpy()
    remaining = [index for index in range(len(images)) if index not in features]
    if images and not remaining:
        emit(StageStarted(run_id=run_id, stage="evaluation", title=title, total=len(images)))
        emit(StageProgress(run_id=run_id, stage="evaluation", done=len(images), total=len(images)))
    predictions = predict_images(
        classifier,
        [images[index].file for index in remaining],
        run_id=run_id,
        stage="evaluation",
        title=title,
        runtime=runtime,
        emit=emit,
        control=control,
        hashes=[images[index].sha256 for index in remaining],
        with_unknown=False,
    )
    for index, prediction in zip(remaining, predictions if remaining else (), strict=True):
        if prediction.error is not None:
            raise UserError(
                f"The image {images[index].path} can no longer be read.",
                work="The training is kept.",
                mend=prediction.error,
            )
        columns = prediction.columns or {"": prediction.probabilities}
        probabilities[index] = [value for column in columns.values() for value in column.values()]
    return predictions_of_columns(
        [image.path for image in images],
        columns=classifier.columns,
        probabilities=probabilities,
        labels=column_labels(images, columns=len(classifier.columns)).numpy(),
    )
