"""The linear probe's head: full-batch multinomial logistic regression, its regularisation chosen by the data.

Features are centred and divided by one common length, so that the same grid of strengths fits every backbone.
(Dividing each feature by its own spread was measured too: level on three of five small sets, 3 and 5 points
lower on the others; the spread of a pooled feature tells how much it matters.) With fewer images than
features the problem is turned into the images' own subspace, which holds the exact solution and is smaller.

The strength is the one with the lowest log loss over all images that may be looked at: validation images, and
training images each answered by a model of a five-fold cross-validation that has not seen it. Log loss moves
smoothly where accuracy jumps, and training has five times the images of validation; measured on five sets and
ten seeds this was level with or better than validation accuracy. The five folds and the model itself are
solved at once, from strong to weak, each start being the solution before; when the log loss has risen twice
in a row, weaker strengths only fit the training images harder and are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor

from tlstudio.core.device import one_thread
from tlstudio.training.optimiser import class_weights
from tlstudio.training.scoring import Score, score_of

STRENGTHS = tuple(10.0 ** (-exponent / 2) for exponent in range(3, 13))
"""L2 strengths to try, strong to weak: 0.03 … 1e-6 times the squared weights, per image."""
FOLDS = 5
RISES_ALLOWED = 2
MOST_ITERATIONS = 200
SMALL_PROBLEM = 2_000_000
"""Numbers in the features up to which one thread is quicker: 0.6 s against 20 s on a busy machine."""
CROSS_VALIDATED_UP_TO = 4000
"""Training images; beyond, validation and training are large enough for validation alone to choose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeTrial:
    """One strength tried.

    Attributes:
        strength: Of the regularisation.
        train: Figures on the training images themselves.
        validation: Figures on the validation images.
        choice_loss: Mean log loss over the images that the strength is chosen on.
    """

    strength: float
    train: Score
    validation: Score
    choice_loss: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSolution:
    """The chosen head, for raw features.

    Attributes:
        weight: float32 [K, F].
        bias: float32 [K].
        trials: One per strength that was tried, strong to weak.
        best: Index of the chosen one.
    """

    weight: Tensor
    bias: Tensor
    trials: tuple[ProbeTrial, ...]
    best: int


def fit_probe(
    features: Tensor,
    labels: Tensor,
    *,
    validation_features: Tensor,
    validation_labels: Tensor,
    classes_count: int,
    class_weighting: bool,
    folds: Tensor,
    on_trial: Callable[[int, ProbeTrial], None] = lambda index, trial: None,
) -> ProbeSolution:
    """Solve for strength after strength and choose one.

    Args:
        features: [N, F] of the training images, any float type.
        labels: int64 [N].
        validation_features: [M, F], M may be 0.
        validation_labels: int64 [M].
        classes_count: K.
        class_weighting: Let every class count the same.
        folds: int64 [N], 0 … FOLDS - 1: the fold of each training image.
        on_trial: Called after each strength; what it raises ends the search.

    Returns:
        The chosen solution.
    """
    standard = _Standard(features)
    x, x_validation = standard.apply(features), standard.apply(validation_features)
    crossed = folds if _cross_validates(len(labels), len(validation_labels)) else None
    weights = _image_weights(labels, crossed, classes_count=classes_count, class_weighting=class_weighting)
    rows = torch.arange(len(labels))
    solution = x.new_zeros(x.shape[1] + 1, weights.shape[1], classes_count)
    trials: list[ProbeTrial] = []
    solutions: list[Tensor] = []
    for index, strength in enumerate(STRENGTHS):
        with one_thread() if x.numel() <= SMALL_PROBLEM else nullcontext():
            solution = _solve(x, labels, weights, strength=strength, start=solution)
        scores, of_validation = _scores(x, solution), _scores(x_validation, solution)[:, 0]
        chosen_on = [(of_validation, validation_labels)]
        if crossed is not None:
            chosen_on.append((scores[rows, crossed + 1], labels))
        pooled = score_of(*(torch.cat(parts) for parts in zip(*chosen_on, strict=True)))
        trials.append(
            ProbeTrial(
                strength=strength,
                train=score_of(scores[:, 0], labels),
                validation=score_of(of_validation, validation_labels),
                choice_loss=pooled.log_loss or 0.0,
            )
        )
        solutions.append(solution[:, 0])
        on_trial(index, trials[-1])
        losses = [trial.choice_loss for trial in trials]
        if index - losses.index(min(losses)) >= RISES_ALLOWED:
            break
    best = min(range(len(trials)), key=lambda index: trials[index].choice_loss)
    weight, bias = standard.unfold(solutions[best])
    return ProbeSolution(weight=weight, bias=bias, trials=tuple(trials), best=best)


class _Standard:
    """Centre, common length, and the subspace of the training images."""

    def __init__(self, features: Tensor) -> None:
        n, size = features.shape
        # float64 settles the last digits and costs nothing on small sets; a large one would fill the memory.
        self.dtype = torch.float64 if n * size <= 20_000_000 else torch.float32
        x = features.to(self.dtype)
        self.centre = x.mean(dim=0)
        x = x - self.centre
        self.length = x.square().sum(dim=1).mean().sqrt().clamp_min(1e-12)
        self.basis = torch.linalg.qr((x / self.length).T).Q if n < size else None

    def apply(self, features: Tensor) -> Tensor:
        x = (features.to(self.dtype) - self.centre) / self.length
        return x if self.basis is None else x @ self.basis

    def unfold(self, solution: Tensor) -> tuple[Tensor, Tensor]:
        weight, bias = solution[:-1], solution[-1]
        if self.basis is not None:
            weight = self.basis @ weight
        weight = weight / self.length
        return weight.T.float().contiguous(), (bias - self.centre @ weight).float()


def _cross_validates(train: int, validation: int) -> bool:
    return train <= CROSS_VALIDATED_UP_TO or validation == 0


def _image_weights(
    labels: Tensor, folds: Tensor | None, *, classes_count: int, class_weighting: bool
) -> Tensor:
    """Weight of each image in each model [N, 1 + folds], summing to 1 per model; the first sees all."""
    each = torch.ones(len(labels), dtype=torch.float64)
    if class_weighting:
        each = class_weights(labels, classes_count=classes_count)[labels].double()
    seen = [torch.ones_like(each)]
    if folds is not None:
        seen += [(folds != fold).double() for fold in range(FOLDS)]
    weights = torch.stack(seen, dim=1) * each[:, None]
    return weights / weights.sum(dim=0).clamp_min(1e-12)


def _scores(x: Tensor, solution: Tensor) -> Tensor:
    """Scores [N, models, K] of images [N, R] under solutions [R + 1, models, K], the last row the bias."""
    _, models, classes_count = solution.shape
    flat = x @ solution[:-1].reshape(x.shape[1], models * classes_count)
    return flat.view(len(x), models, classes_count) + solution[-1]


def _solve(x: Tensor, labels: Tensor, weights: Tensor, *, strength: float, start: Tensor) -> Tensor:
    """All models at once: their losses have no variables in common, so the sum has the same solutions."""
    weights = weights.to(x.dtype)
    target = labels[:, None, None].expand(-1, weights.shape[1], 1)
    solution = start.clone().requires_grad_()
    optimiser = torch.optim.LBFGS(
        [solution],
        max_iter=MOST_ITERATIONS,
        history_size=15,
        tolerance_grad=1e-6,
        tolerance_change=1e-9,
        line_search_fn="strong_wolfe",
    )

    def closure() -> Tensor:
        optimiser.zero_grad()
        scores = _scores(x, solution)
        per_image = scores.logsumexp(dim=2) - scores.gather(2, target)[:, :, 0]
        loss = (per_image * weights).sum() + 0.5 * strength * solution[:-1].square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimiser.step(closure)  # type: ignore[no-untyped-call]
    return solution.detach()
