"""Predictions for images that are no test images, by what had not learned from them.

Confidence is judged by them and thresholds are chosen by them; the test images then show what that is worth.
"""

from __future__ import annotations

from tlstudio.core.types import SplitName
from tlstudio.evaluation.evaluation import Evaluation
from tlstudio.evaluation.predictions import Predictions, joined, read_predictions_csv
from tlstudio.project.runs import RunFolder

LEFT_OUT: SplitName = "train"
"""Part of `held-out.csv` with the answers for training images, each of a head that did not learn from it."""


def unseen_predictions(run: RunFolder, validation: Evaluation) -> dict[str, Predictions]:
    """The predictions by label column: for the validation images, and for training images left out in turn.

    Args:
        run: Its training images were left out in turn where the head was chosen by cross-validation.
        validation: Of this run, with its predictions.

    Raises:
        UserError: The file of the training images is damaged.
    """
    parts = {name: column.predictions for name, column in validation.columns.items()}
    left_out = read_predictions_csv(run.held_out).get(LEFT_OUT) if run.held_out.exists() else None
    found = {name: part for name, part in parts.items() if part is not None}
    if left_out is None or len(parts) > 1:
        return found
    (name,) = parts
    return {name: joined(found[name], left_out) if name in found else left_out}
