"""L-BFGS for smooth convex functions that are cheap to evaluate, with less overhead than torch's optimiser.

On a linear probe of a few hundred images the overhead of torch's optimiser took as long as the evaluations,
and its line search evaluated more often than this one, which accepts the full step if the value decreases.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import torch
from torch import Tensor

HISTORY = 10
SUFFICIENT_DECREASE = 1e-4
SHORTEST_STEP = 1e-4
"""Step below which rounding errors decide, and the search ends."""


@torch.no_grad()
def minimise(
    function: Callable[[Tensor], tuple[float, Tensor]],
    start: Tensor,
    *,
    gradient_tolerance: float,
    change_tolerance: float,
    most_iterations: int,
) -> Tensor:
    """Find the minimum of a convex function.

    Args:
        function: Returns value and gradient at a point; the gradient has the point's shape and may be changed
            by the caller.
        start: First point, of any shape, scaled so that curvature is about the same in all directions.
        gradient_tolerance: Converged when no entry of the gradient is larger.
        change_tolerance: Converged when the value decreases by less than this share of itself.
        most_iterations: Number of iterations at most.

    Returns:
        The minimum, in the shape of `start`.
    """
    shape = start.shape

    def at(point: Tensor) -> tuple[float, Tensor]:
        value, gradient = function(point.view(shape))
        return value, gradient.view(-1)

    point = start.reshape(-1)
    value, gradient = at(point)
    history: deque[tuple[Tensor, Tensor, float]] = deque(maxlen=HISTORY)
    for _ in range(most_iterations):
        largest = float(gradient.abs().max())
        if largest <= gradient_tolerance:
            break
        direction = _direction(gradient, history)
        slope = _dot(gradient, direction)
        length = 1.0 if history else min(1.0, 1.0 / float(gradient.abs().sum()))
        while True:
            new_point = point.add(direction, alpha=length)
            new_value, new_gradient = at(new_point)
            if new_value <= value + SUFFICIENT_DECREASE * length * slope:
                break
            if not length >= SHORTEST_STEP:  # also true when the length is not a number
                return point.view(shape)
            # The minimum of the parabola through both values and the slope.
            parabola = -slope * length / (2 * (new_value - value - slope * length))
            length *= min(max(parabola, 0.1), 0.5)
        step, turn = new_point - point, new_gradient - gradient
        curvature = _dot(step, turn)
        if curvature > 1e-10 * _dot(turn, turn):
            history.append((step, turn, curvature))
        fallen = value - new_value
        point, value, gradient = new_point, new_value, new_gradient
        if fallen <= change_tolerance * abs(value):
            break
    return point.view(shape)


def _direction(gradient: Tensor, history: deque[tuple[Tensor, Tensor, float]]) -> Tensor:
    """The two-loop recursion: minus the approximate inverse Hessian times the gradient."""
    direction = gradient.neg()
    shares = []
    for step, turn, curvature in reversed(history):
        share = _dot(step, direction) / curvature
        direction.sub_(turn, alpha=share)
        shares.append(share)
    if history:
        _, turn, curvature = history[-1]
        direction.mul_(curvature / _dot(turn, turn))
    for (step, turn, curvature), share in zip(history, reversed(shares), strict=True):
        direction.add_(step, alpha=share - _dot(turn, direction) / curvature)
    return direction


def _dot(one: Tensor, two: Tensor) -> float:
    return float(torch.dot(one, two))
