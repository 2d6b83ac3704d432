"""Marks answers that are not sure enough, so that a person is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tlstudio.core.dataset import LabelColumn
from tlstudio.core.types import PredictedImage


def with_asking(
    prediction: PredictedImage, *, columns: Sequence[LabelColumn], ask_below: Mapping[str, float]
) -> PredictedImage:
    """The prediction with the label columns in which a person is asked.

    Args:
        prediction: One with an error stays as it is.
        columns: The label columns of the model.
        ask_below: Name of a label column to the probability of the class below which a person is asked. The
            name of an only column does not matter: it is written nowhere else.
    """
    if not prediction.probabilities or not ask_below:
        return prediction
    names = [column.name for column in columns]
    thresholds = ask_below if len(names) > 1 else {names[0]: next(iter(ask_below.values()))}
    answers = prediction.columns or {names[0]: prediction.probabilities}
    ask = {name: max(answers[name].values()) < thresholds[name] for name in names if name in thresholds}
    return replace(prediction, ask=ask)
