"""Marks answers that are not sure enough, so that a person is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from tlstudio.core.ask_below import AskBelow
from tlstudio.core.dataset import LabelColumn
from tlstudio.core.types import PredictedImage
from tlstudio.evaluation.class_sets import ClassSets

T = TypeVar("T")


def with_asking(
    prediction: PredictedImage,
    *,
    columns: Sequence[LabelColumn],
    ask_below: Mapping[str, AskBelow],
    sets: Mapping[str, ClassSets] | None = None,
) -> PredictedImage:
    """The prediction with the label columns in which a person is asked.

    Args:
        prediction: One with an error stays as it is.
        columns: The label columns of the model.
        ask_below: Name of a label column to the probabilities of the class below which a person is asked.
            The name of an only column does not matter: it is written nowhere else.
        sets: Name of a label column to the class sets; None names none.
    """
    if not prediction.probabilities or not (ask_below or sets):
        return prediction
    names = [column.name for column in columns]
    thresholds, class_sets = _by_name(ask_below, names), _by_name(sets or {}, names)
    answers = prediction.columns or {names[0]: prediction.probabilities}
    return replace(
        prediction,
        ask={name: _is_unsure(answers[name], below) for name, below in thresholds.items()},
        named={name: own.of(answers[name]) for name, own in class_sets.items()},
    )


def _is_unsure(probabilities: Mapping[str, float], below: AskBelow) -> bool:
    best = max(probabilities, key=probabilities.__getitem__)
    return probabilities[best] < below.of(best)


def _by_name(rules: Mapping[str, T], names: Sequence[str]) -> dict[str, T]:
    """The rules of these label columns, in their order."""
    if len(names) == 1:
        return dict(zip(names, rules.values(), strict=False))
    return {name: rules[name] for name in names if name in rules}
