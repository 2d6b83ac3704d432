"""The order of epochs by how they do on validation images."""

from __future__ import annotations


def rank_of(accuracy: float | None, log_loss: float | None) -> tuple[float, float]:
    """Key by which epochs are compared, higher is better: accuracy first, then the lower log loss.

    Accuracy is what the person sees and what the classifier is for. On few images it moves in steps and
    is often equal; then the log loss shows which epoch gives correct classes the higher probability.
    """
    return (accuracy or 0.0, -(log_loss or 0.0))
