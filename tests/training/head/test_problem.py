"""The loss of linear heads that have labels, a teacher's answers, or both."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import cross_entropy, kl_div, log_softmax

from tlstudio.features.table import Features
from tlstudio.training.head.problem import Axes, AxisImages, Problem, SoftTargets

IMAGES, SIZE, CLASSES, MODELS = 20, 6, 3, 2


def draw(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)), dtype=torch.float64)


@pytest.mark.parametrize("temperature", [1.0, 3.0])
def test_the_residuals_of_soft_targets_are_the_gradient_of_the_divergence(temperature: float):
    wanted, weights = draw(IMAGES, CLASSES).softmax(dim=1), draw(MODELS, IMAGES).abs()
    soft = SoftTargets(probabilities=wanted, temperature=temperature, weights=weights)
    logits = draw(CLASSES, MODELS, IMAGES).requires_grad_()
    loss, residuals = soft.loss_and_residuals(logits.detach(), slice(0, IMAGES))
    by_image = log_softmax(logits / temperature, dim=0).permute(1, 2, 0)
    divergence = kl_div(by_image, wanted.expand(MODELS, -1, -1), reduction="none").sum(dim=2)
    wanted_loss = (temperature**2 * divergence * weights).sum()
    wanted_loss.backward()
    assert torch.allclose(residuals, logits.grad)
    entropy = -(wanted * wanted.log()).sum(dim=1)
    constant = temperature**2 * float((entropy * weights).sum())
    assert loss == pytest.approx(float(wanted_loss.detach()) + constant)


def test_labels_and_answers_are_weighed_together():
    x, labels = draw(IMAGES, SIZE).float(), torch.arange(IMAGES) % CLASSES
    wanted = draw(IMAGES, CLASSES).softmax(dim=1)
    images = AxisImages(Features.of(x), Axes(Features.of(x)))
    each = torch.full((1, IMAGES), 1 / IMAGES, dtype=torch.float64)
    soft = SoftTargets(probabilities=wanted, temperature=2.0, weights=0.7 * each)
    problem = Problem(images, labels, weights=0.3 * each, classes_count=CLASSES, soft=soft)
    start, curvature = problem.start()
    found = problem.solve(
        0.01, start=start, curvature=curvature, gradient_tolerance=1e-9, change_tolerance=1e-15
    )
    solution = found[:, 0].clone().requires_grad_()
    along = images.axes.apply(x) @ images.axes.basis
    logits = along @ solution[:, :-1].T + solution[:, -1]
    loss = 0.3 * cross_entropy(logits, labels) + 0.005 * solution[:, :-1].square().sum()
    loss = loss + 0.7 * 4 * kl_div(log_softmax(logits / 2, dim=1), wanted, reduction="batchmean")
    loss.backward()
    assert solution.grad.abs().max() < 1e-6, "the solution is the minimum"
