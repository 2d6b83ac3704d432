"""Objectives of training: the loss, and the step from scores to probabilities, predictions and metrics.

Training, scoring and prediction go through here, so that another kind of label column needs another objective
and nothing else. Two places keep the formula of their own: the solver of the linear probe, whose gradient is
written by hand, and the exported graph.
"""

from __future__ import annotations

from typing import Literal, Protocol

from torch import Tensor
from torch.nn.functional import cross_entropy

from tlstudio.evaluation.metrics import Score, score_predictions


class Objective(Protocol):
    """Loss, probabilities, decision and metrics of class scores (logits) of one label column."""

    def loss(
        self,
        logits: Tensor,
        labels: Tensor,
        *,
        class_weights: Tensor | None = None,
        label_smoothing: float = 0.0,
        reduction: Literal["mean", "sum", "none"] = "mean",
    ) -> Tensor:
        """The quantity that training minimises.

        Args:
            logits: float [N, K].
            labels: int64 [N].
            class_weights: float [K]; None counts every image the same.
            label_smoothing: Share of each label that is spread over all classes.
            reduction: Over the images.

        Returns:
            A scalar, or [N] without reduction.
        """
        ...

    def probabilities(self, logits: Tensor) -> Tensor:
        """Probabilities of logits [N, K]: float64 [N, K] on the CPU."""
        ...

    def decide(self, logits: Tensor) -> Tensor:
        """Predicted classes of logits [N, K]: int64 [N]."""
        ...

    def metrics(self, logits: Tensor, labels: Tensor) -> Score:
        """Score logits [N, K] against labels [N]."""
        ...


class OneClassEach:
    """Every image has exactly one class: softmax and cross-entropy."""

    def loss(
        self,
        logits: Tensor,
        labels: Tensor,
        *,
        class_weights: Tensor | None = None,
        label_smoothing: float = 0.0,
        reduction: Literal["mean", "sum", "none"] = "mean",
    ) -> Tensor:
        """See `Objective.loss`: cross-entropy.

        With `class_weights` the mean is the weighted mean.
        """
        return cross_entropy(
            logits, labels, weight=class_weights, label_smoothing=label_smoothing, reduction=reduction
        )

    def probabilities(self, logits: Tensor) -> Tensor:
        """See `Objective.probabilities`: rows sum to 1."""
        # On the CPU, because some graphics chips have no float64.
        return logits.cpu().double().softmax(dim=1)

    def decide(self, logits: Tensor) -> Tensor:
        """See `Objective.decide`: the class with the highest score."""
        return logits.argmax(dim=1)

    def metrics(self, logits: Tensor, labels: Tensor) -> Score:
        """See `Objective.metrics`."""
        if len(logits) == 0:
            return Score()
        # In this order, because some graphics chips have no float64.
        scores, labels = logits.cpu().double(), labels.cpu()
        return score_predictions(
            labels.numpy(),
            self.decide(scores).numpy(),
            losses=self.loss(scores, labels, reduction="none").numpy(),
            classes_count=logits.shape[1],
        )


ONE_CLASS_EACH: Objective = OneClassEach()
"""The objective of a label column of the kind "classes"."""
