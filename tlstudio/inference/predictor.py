"""Common interface of exported models of all formats: label columns with their classes, and probabilities."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from tlstudio.core.answer_rules import AnswerRules
from tlstudio.core.ask_below import AskBelow
from tlstudio.core.control import Control
from tlstudio.core.dataset import LabelColumn
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, StageStarted
from tlstudio.core.progress import ThrottledProgress
from tlstudio.core.types import PredictedImage
from tlstudio.core.values import ValueWindow
from tlstudio.data.decode import OnUnseen, UnreadableImageError, decode_rgb
from tlstudio.data.naming import printable
from tlstudio.evaluation.class_sets import ClassSets

SUM_TOLERANCE = 0.01
"""Largest error of the sum of an image's probabilities; exports may compute in reduced precision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOutput:
    """The output of a model for one image.

    Attributes:
        probabilities: Of all label columns side by side, [K].
        unknown: 0 familiar to 1 unlike anything that it was taught; None where the model does not say.
    """

    probabilities: NDArray[np.float64]
    unknown: float | None = None


PredictorInput = Literal["decoded", "prepared"]
"""Kind of image: a whole decoded one, or one that is already resized, cropped and normalised."""


class Predictor(Protocol):
    """A saved classifier that has been opened and can predict, with all that it says besides the class."""

    @property
    def columns(self) -> tuple[LabelColumn, ...]:
        """The label columns with their classes, in the order of the probabilities."""
        ...

    @property
    def rules(self) -> AnswerRules:
        """Rules for taking its answers."""
        ...

    @property
    def takes(self) -> PredictorInput:
        """The kind of image that `output` takes."""
        ...

    @property
    def values(self) -> tuple[ValueWindow, ...] | None:
        """Windows of values that images are decoded with, see `decode_bytes`."""
        ...

    @property
    def ask_below(self) -> Mapping[str, AskBelow]:
        """Label column to the probabilities below which a person is asked; empty where nobody is."""
        ...

    @property
    def class_sets(self) -> Mapping[str, ClassSets]:
        """Label column to the classes that are named for an image; empty where nothing is promised."""
        ...

    def output(self, image: NDArray[Any]) -> ModelOutput:
        """The probabilities and the unknown score of one image.

        Args:
            image: uint8 [H, W, 3], RGB, upright, any size, where `takes` is "decoded"; otherwise float32
                [3, S, S], normalised.
        """
        ...


def answer(
    file: Path,
    *,
    columns: Sequence[LabelColumn],
    probabilities: Sequence[float],
    unknown: float | None = None,
) -> PredictedImage:
    """The prediction for one file from a model's output.

    Args:
        file: Which one.
        columns: The label columns of the model.
        probabilities: Those of all columns side by side.
        unknown: See `ModelOutput`.

    Raises:
        UserError: The output holds no probabilities, as that of a model with damaged weights.
    """
    found: dict[str, dict[str, float]] = {}
    start = 0
    for column in columns:
        own = probabilities[start : start + len(column.classes)]
        start += len(column.classes)
        is_sound = len(own) == len(column.classes) and all(0 <= value <= 1.001 for value in own)
        if not is_sound or abs(sum(own) - 1) > SUM_TOLERANCE:
            break
        found[column.name] = dict(zip(column.classes, own, strict=True))
    is_score = unknown is None or (math.isfinite(unknown) and 0 <= unknown <= 1)
    if len(found) < len(columns) or start != len(probabilities) or not is_score:
        raise UserError(
            f"The model gives no probabilities for {printable(str(file))}: its weights are damaged, or its "
            "training went astray.",
            mend="Copy the model again from where it was made, or train again with lower learning rates.",
        )
    return PredictedImage(
        path=str(file),
        probabilities=found[columns[0].name],
        columns=found if len(found) > 1 else {},
        unknown=unknown,
    )


def predict_files(
    predictor: Predictor,
    files: Sequence[Path],
    *,
    run_id: str,
    emit: Emit,
    control: Control,
    on_unseen: OnUnseen | None = None,
) -> Iterator[PredictedImage]:
    """Predict image files one after the other.

    Args:
        predictor: One that takes decoded images.
        files: Any files; one that cannot be read gets an `error` with reason and mend.
        run_id: Written into events.
        emit: Receives progress.
        control: Checked before each file.
        on_unseen: See `decode_bytes`.

    Yields:
        One prediction per file, in order.

    Raises:
        Cancelled: The person cancelled.
    """
    emit(StageStarted(run_id=run_id, stage="predict", title="Classifying the images", total=len(files)))
    progress = ThrottledProgress(len(files), stage="predict", run_id=run_id, emit=emit)
    for file in files:
        control.check()
        try:
            decoded = decode_rgb(file, values=predictor.values, on_unseen=on_unseen)
            output = predictor.output(decoded.pixels)
        except UnreadableImageError as error:
            yield PredictedImage(path=str(file), error=f"{error.reason} {error.mend}")
        else:
            yield answer(
                file,
                columns=predictor.columns,
                probabilities=output.probabilities.tolist(),
                unknown=output.unknown,
            )
        progress.step()
