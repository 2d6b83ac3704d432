"""Objectives of training: the loss, and the step from scores to probabilities, predictions and metrics.

Training, scoring and prediction go through here, so that another kind of label column needs another objective
and nothing else. Two places keep the formula of their own: the solver of the linear probe, whose gradient is
written by hand, and the exported graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, Protocol

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from tlstudio.evaluation.metrics import Score, score_predictions


class Objective(Protocol):
    """Loss, probabilities, decision and metrics of class scores (logits)."""

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

    def correct(self, logits: Tensor, labels: Tensor) -> tuple[int, int]:
        """Count the images of logits [N, K] that are right, and those that can be judged."""
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

    def correct(self, logits: Tensor, labels: Tensor) -> tuple[int, int]:
        """See `Objective.correct`: all can be judged."""
        return int((self.decide(logits) == labels).sum()), len(labels)

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


class SeveralColumns:
    """Every image has at most one class in each of several label columns, whose scores stand side by side.

    The loss is the mean over the columns of their mean losses, each over the images that have a label there.
    Decision and accuracy are those of the first column, which stands for the run in curves and headlines.
    Labels are int64 [N, C] instead of [N], negative where an image has none.

    Args:
        sizes: Number of classes of each of the C columns.
        weights: How much an image counts in each column: all images by those with a label there, so that a
            column with few labels counts as much as one with many. None counts all alike.
        class_weights: Of each column, float [K]; None counts every class the same.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        weights: Sequence[float] | None = None,
        class_weights: Sequence[Tensor] | None = None,
    ) -> None:
        self._sizes = tuple(sizes)
        self._weights = tuple(weights or [1.0] * len(self._sizes))
        self._class_weights = class_weights

    def columns(self, logits: Tensor) -> tuple[Tensor, ...]:
        """The logits of each column."""
        return torch.split(logits, list(self._sizes), dim=1)

    def loss(
        self,
        logits: Tensor,
        labels: Tensor,
        *,
        class_weights: Tensor | None = None,
        label_smoothing: float = 0.0,
        reduction: Literal["mean", "sum", "none"] = "mean",
    ) -> Tensor:
        """See `Objective.loss`; weights of classes are those of the columns."""
        each = torch.zeros(len(labels), device=logits.device, dtype=logits.dtype)
        for number, part in enumerate(self.columns(logits)):
            has_label = labels[:, number] >= 0
            if not bool(has_label.any()):
                continue
            own = None if self._class_weights is None else self._class_weights[number].to(logits.device)
            losses = ONE_CLASS_EACH.loss(
                part[has_label],
                labels[has_label, number],
                class_weights=own,
                label_smoothing=label_smoothing,
                reduction="none",
            )
            each = each.index_add(0, has_label.nonzero()[:, 0], losses * self._weights[number])
        each = each / len(self._sizes)
        return each if reduction == "none" else each.sum() if reduction == "sum" else each.mean()

    def probabilities(self, logits: Tensor) -> Tensor:
        """See `Objective.probabilities`: those of each column sum to 1."""
        return torch.cat([ONE_CLASS_EACH.probabilities(part) for part in self.columns(logits)], dim=1)

    def decide(self, logits: Tensor) -> Tensor:
        """See `Objective.decide`: of the first column."""
        return ONE_CLASS_EACH.decide(self.columns(logits)[0])

    def correct(self, logits: Tensor, labels: Tensor) -> tuple[int, int]:
        """See `Objective.correct`: in the first column."""
        of_first = labels[:, 0]
        return int((self.decide(logits) == of_first).sum()), int((of_first >= 0).sum())

    def metrics(self, logits: Tensor, labels: Tensor) -> Score:
        """See `Objective.metrics`: of the first column, with the log loss over all columns."""
        if len(logits) == 0:
            return Score()
        scores, losses = [], []
        for number, part in enumerate(self.columns(logits)):
            has_label = labels[:, number] >= 0
            scores.append(ONE_CLASS_EACH.metrics(part[has_label], labels[has_label, number]))
            losses += [scores[-1].log_loss] if scores[-1].log_loss is not None else []
        return replace(scores[0], log_loss=sum(losses) / len(losses) if losses else None)


def objective_of(sizes: Sequence[int]) -> Objective:
    """The objective of label columns of these numbers of classes, as far as answers go."""
    return ONE_CLASS_EACH if len(sizes) == 1 else SeveralColumns(sizes)
