"""Leaves each unit of images out of a linear head in turn, in closed form.

For ridge regression on the labels (a one and zeros per image) what a fit without some images predicts for
them follows from the one fit with all images: the residuals of the unit are divided by what the rest leaves
free, I - H, where H is the hat matrix of the fit. Nothing is fitted again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import torch
from torch import Tensor

FREE = 1e-6
"""Least share of its own value that the others leave free to an image; below, rounding errors decide."""


class LeaveOneOut:
    """Ridge regression on features, each unit predicted by the fit without it.

    Features are centred and divided by their common length; the intercept is not regularised.

    Args:
        features: Float [N, F].
        units: Unit of each image, numbered from 0; those of one are left out together.
    """

    def __init__(self, features: Tensor, *, units: Sequence[int]) -> None:
        x = features.double()
        x = x - x.mean(dim=0)
        x = x / x.square().sum(dim=1).mean().sqrt().clamp_min(1e-12)
        n, size = x.shape
        if n <= size:
            squares, basis = torch.linalg.eigh(x @ x.T)
        else:
            squares, axes = torch.linalg.eigh(x.T @ x)
            basis = x @ axes
        varies = squares > 1e-10 * squares[-1:].clamp_min(1e-12)
        self._squares = squares[varies]
        self._basis = basis[:, varies] if n <= size else basis[:, varies] / self._squares.sqrt()
        self.units = units
        rows: dict[int, list[int]] = defaultdict(list)
        for row, unit in enumerate(units):
            rows[unit].append(row)
        self._divided = [torch.tensor(of_unit) for of_unit in rows.values() if len(of_unit) > 1]

    def predictions(self, targets: Tensor, *, l2: float) -> Tensor:
        """Predict each image by the fit without its unit.

        Args:
            targets: Float64 [N, K].
            l2: Strength of the regularisation, per image.

        Returns:
            Float64 [N, K].
        """
        n = len(targets)
        kept = self._squares / (self._squares + n * l2)
        mean = targets.mean(dim=0)
        residuals = targets - mean - (self._basis * kept) @ (self._basis.T @ targets)
        taken = 1 / n + (self._basis.square() * kept).sum(dim=1)
        left_out = residuals / (1 - taken).clamp_min(FREE)[:, None]
        for rows in self._divided:
            part = self._basis[rows]
            free = torch.eye(len(rows), dtype=torch.float64) - 1 / n - (part * kept) @ part.T
            left_out[rows] = torch.linalg.lstsq(free, residuals[rows]).solution
        predictions: Tensor = targets - left_out
        return predictions
