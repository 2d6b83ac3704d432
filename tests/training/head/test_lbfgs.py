import pytest
import torch
from torch import Tensor

from tlstudio.training.head.lbfgs import minimise


def bowl(curvatures: Tensor, centre: Tensor):
    def function(point: Tensor) -> tuple[float, Tensor]:
        away = point - centre
        return 1 + float((curvatures * away.square()).sum()) / 2, curvatures * away

    return function


def found(function, start: Tensor, **rest) -> Tensor:
    settings = {"gradient_tolerance": 1e-8, "change_tolerance": 0.0, "most_iterations": 200, **rest}
    return minimise(function, start, **settings)


@pytest.mark.parametrize("unevenness", [1.0, 1e3])
def test_the_minimum_of_a_quadratic_function_is_found(unevenness: float):
    curvatures = torch.logspace(0, 1, 30, base=unevenness, dtype=torch.float64).view(5, 6)
    centre = torch.arange(30, dtype=torch.float64).view(5, 6)
    start = torch.zeros_like(centre)
    torch.testing.assert_close(found(bowl(curvatures, centre), start), centre, rtol=1e-6, atol=1e-6)
    assert start.abs().max() == 0, "the start is the caller's"


def test_a_step_that_increases_the_value_is_shortened():
    """Its whole first step lands where this function is far higher, and the gradient is flat at the start."""

    def function(point: Tensor) -> tuple[float, Tensor]:
        return float(torch.cosh(20 * point).sum()), 20 * torch.sinh(20 * point)

    start = torch.tensor([0.9, -0.4], dtype=torch.float64)
    assert found(function, start).abs().max() < 1e-6


def test_the_tolerances_end_the_search():
    asked = []

    def function(point: Tensor) -> tuple[float, Tensor]:
        asked.append(point)
        return bowl(torch.logspace(0, 4, 20, dtype=torch.float64), torch.ones(20, dtype=torch.float64))(point)

    start = torch.zeros(20, dtype=torch.float64)
    counts = {}
    for name, rest in {
        "gradient": {"gradient_tolerance": 1.0},
        "change": {"change_tolerance": 0.5},
        "iterations": {"most_iterations": 3},
        "nothing": {},
    }.items():
        asked.clear()
        found(function, start, **rest)
        counts[name] = len(asked)
    assert max(counts["gradient"], counts["change"], counts["iterations"]) < counts["nothing"]


def test_a_start_at_the_minimum_is_returned_unchanged():
    centre = torch.ones(4, dtype=torch.float64)
    assert torch.equal(found(bowl(torch.ones(4, dtype=torch.float64), centre), centre), centre)


def test_a_wrong_gradient_ends_the_search():
    """Rounding may leave a gradient along which nothing falls; that must not go on for ever."""

    def function(point: Tensor) -> tuple[float, Tensor]:
        return 1.0 + float(point.abs().sum()), -torch.ones_like(point)

    assert torch.equal(found(function, torch.zeros(3)), torch.zeros(3))
