"""Estimates how often each class occurs among unlabelled images, and whether that clearly differs from here.

It is counted from the answers of methods that assume nothing about it. Each is wrong in its own way, so the
interval covers the intervals of all: where they contradict each other, little is known. Correcting the counts
by confusions among the labelled images was tried: at another place the confusions are others, and the
intervals were far too narrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tlstudio.evaluation.intervals import wilson


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassMix:
    """The estimated shares of the classes.

    Attributes:
        shares: Of the target [K], summing to 1.
        low: Low end of each interval [K].
        high: High end of each interval [K].
        differs: Class whose share in the source lies furthest outside its interval; None when all lie inside.
    """

    shares: Tensor
    low: Tensor
    high: Tensor
    differs: int | None = None

    def expected(self, source: Tensor) -> Tensor:
        """The shares to count on [K]: the estimated ones where they clearly differ, else the source's."""
        return source if self.differs is None else self.shares


def class_mix_of(answers: Sequence[Tensor], source: Tensor) -> ClassMix:
    """Estimate the mix of classes in the target.

    Args:
        answers: Logits [M, K] for the target, of each method.
        source: Share of each class in the source [K].
    """
    counts = [torch.bincount(logits.argmax(dim=1), minlength=len(source)) for logits in answers]
    intervals = [[wilson(int(n), int(named.sum())) for n in named] for named in counts]
    low = torch.tensor([min(found.low for found in of_class) for of_class in zip(*intervals, strict=True)])
    high = torch.tensor([max(found.high for found in of_class) for of_class in zip(*intervals, strict=True)])
    total = torch.stack(counts).sum(dim=0)
    beyond = torch.maximum(low - source, source - high)
    clearest = int(beyond.argmax())
    return ClassMix(
        shares=total / total.sum(),
        low=low,
        high=high,
        differs=clearest if float(beyond[clearest]) > 0 else None,
    )
