"""Leaves each group of images out of a last layer in turn: how often is it right on a group it has not seen?

The layer is ridge regression on features of a backbone that has not learned from the images; its fit without
some images follows from the one fit with all, as in `LeaveOneOut`. How many would be right without as many
images that are no group is learned by dealing the groups out at random within classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tlstudio.core.control import Control

MOST_IMAGES = 600
"""More are not looked at; the figure is then known to about four points."""
DEALS = 499
"""The least p-value is then 0.002."""
ENOUGH = 10
"""Deals with as few right answers after which it is clear that chance explains them (Besag and Clifford 1991,
"Sequential Monte Carlo p-values")."""
STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Regularisation per image; that which answers best for images left out one by one is taken."""
SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeftOutGroups:
    """Answers of last layers that have not seen the group of an image.

    Attributes:
        group: Number of the group of each image that counts: [N].
        right: Whether the layer without its group is right: [N].
        known: The same of layers that lack this image alone: [N].
        dealt: Share that is right without as many images, dealt out at random.
        p_value: Chance of so few right answers if groups were dealt out at random.
    """

    group: NDArray[np.int64]
    right: NDArray[np.bool_]
    known: NDArray[np.bool_]
    dealt: float
    p_value: float


def leave_groups_out(
    features: NDArray[np.float32], labels: NDArray[np.int64], groups: NDArray[np.int64], *, control: Control
) -> LeftOutGroups | None:
    """Leave each group out; None where no class is in several groups.

    A class of which all images are in one group is left out: without the group nobody could name it.

    Args:
        features: Of a frozen backbone: [N, F].
        labels: Index of the class of each image: [N].
        groups: Number of the group of each image: [N].
        control: Checked again and again.

    Raises:
        Cancelled: The person cancelled.
    """
    spread = [label for label in np.unique(labels) if len(np.unique(groups[labels == label])) > 1]
    rows = np.isin(labels, spread).nonzero()[0]
    random = np.random.default_rng(SEED)
    rows = np.sort(random.permutation(rows)[:MOST_IMAGES])
    if len(spread) < 2 or len(np.unique(groups[rows])) < 2:
        return None
    of_row, group = labels[rows], groups[rows]
    layer = _Layer(torch.from_numpy(features[rows]), np.unique(of_row, return_inverse=True)[1])
    right = layer.right_without(group)
    shares: list[float] = []
    dealt, as_few = group.copy(), 0
    while len(shares) < DEALS and as_few < ENOUGH:
        control.check()
        for label in spread:
            inside = of_row == label
            dealt[inside] = random.permutation(group[inside])
        shares.append(float(layer.right_without(dealt).mean()))
        as_few += shares[-1] <= right.mean()
    return LeftOutGroups(
        group=group,
        right=right,
        known=layer.known,
        dealt=float(np.mean(shares)),
        p_value=ENOUGH / len(shares) if as_few == ENOUGH else (1 + as_few) / (1 + DEALS),
    )


class _Layer:
    """A last layer that was fitted to all images, and what follows for fits without some of them."""

    def __init__(self, features: Tensor, labels: NDArray[np.int64]) -> None:
        x = features.double()
        x = x - x.mean(dim=0)
        x = x / x.square().sum(dim=1).mean().sqrt().clamp_min(1e-12)
        squares, basis = torch.linalg.eigh(x @ x.T)
        squares = squares.clamp_min(0)
        self._labels = torch.from_numpy(labels)
        self._targets = torch.nn.functional.one_hot(self._labels).double()
        mean = self._targets.mean(dim=0)
        count = len(x)
        least = float("inf")
        for strength in STRENGTHS:
            hat = (basis * (squares / (squares + count * strength))) @ basis.T + 1 / count
            residuals = self._targets - mean - (hat - 1 / count) @ (self._targets - mean)
            single = residuals / (1 - hat.diagonal())[:, None]
            error = float(single.square().sum())
            if error < least:
                least, self._hat, self._residuals = error, hat, residuals
                self.known = self._right(self._targets - single)

    def right_without(self, groups: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return whether each image is answered rightly by the layer without its group: [N]."""
        left_out = torch.empty_like(self._residuals)
        for one in np.unique(groups):
            rows = torch.from_numpy((groups == one).nonzero()[0])
            free = torch.eye(len(rows), dtype=torch.float64) - self._hat[rows][:, rows]
            left_out[rows] = torch.linalg.solve(free, self._residuals[rows])
        return self._right(self._targets - left_out)

    def _right(self, answers: Tensor) -> NDArray[np.bool_]:
        right: NDArray[np.bool_] = (answers.argmax(dim=1) == self._labels).numpy()
        return right
