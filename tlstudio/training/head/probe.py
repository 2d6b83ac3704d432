"""The linear probe's head: full-batch multinomial logistic regression, its regularisation chosen by the data.

Features are centred and divided by one common length, so that the same grid of `l2` values fits every
backbone. (Dividing each feature by its own standard deviation was measured too: equal on three of five small
sets, 3 and 5 points lower on the others; the variance of a pooled feature carries information.) The solver
works along the principal axes of the images, each scaled by the curvature there, which needs about a third of
the steps. A set of ordinary size is rotated onto these axes once, in memory and in float64; with fewer images
than features there are only as many axes as images, and they contain the exact solution. A large set stays on
disk and is read by blocks at every step, and the weights are rotated instead.

The chosen `l2` is the one with the lowest log loss over the validation images and the training images,
each of the latter predicted by a model of a five-fold cross-validation that was not trained on it. Log loss
changes smoothly where accuracy jumps, and training has five times the images of validation; measured on five
sets and ten seeds this was as good as or better than validation accuracy. The five folds and the model itself
are solved together, from strong to weak regularisation, each starting from the previous solution; once the
log loss has risen, smaller values are left out (in 180 splits of six sets, trying one more never changed
the choice and took a sixth of the time). The search uses loose tolerances and float32, which takes two
thirds of the time; only the chosen solution is then refined in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import pad

from tlstudio.compute.device import one_thread
from tlstudio.evaluation.metrics import Score
from tlstudio.evaluation.objective import ONE_CLASS_EACH
from tlstudio.features.table import Features
from tlstudio.training.head.problem import Axes, AxisImages, Problem, SoftTargets
from tlstudio.training.loop.optimiser import class_weights

L2_GRID = tuple(10.0 ** (-exponent / 2) for exponent in range(3, 13))
"""Values of `l2` to try, the largest first: 0.03 … 1e-6 times half the squared weights, per image."""
FOLDS = 5
SEARCHING = {"gradient_tolerance": 2e-4, "change_tolerance": 2e-6}
FINAL = {"gradient_tolerance": 1e-6, "change_tolerance": 1e-10}
SMALL_PROBLEM = 2_000_000
"""Values in the feature table up to which one thread is faster: 0.6 s against 20 s on a busy machine."""
CROSS_VALIDATED_UP_TO = 4000
"""Training images up to which there are folds; beyond, `l2` is chosen on validation images alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeTrial:
    """One value of `l2` that was tried.

    Attributes:
        l2: Strength of the regularisation.
        train: Score on the training images themselves.
        validation: Score on the validation images.
        selection_loss: Mean log loss over the images by which `l2` is chosen.
    """

    l2: float
    train: Score
    validation: Score
    selection_loss: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSolution:
    """The chosen head, for raw features.

    Attributes:
        weight: float32 [K, F].
        bias: float32 [K].
        trials: One per `l2` tried, the largest first.
        best: Index of the chosen trial.
        held_out: Logits float32 [N, K] of the training images with the chosen `l2`, each by the model that
            was not trained on it; [0, K] without cross-validation.
    """

    weight: Tensor
    bias: Tensor
    trials: tuple[ProbeTrial, ...]
    best: int
    held_out: Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Answers of a teacher for images, with their weight beside the labels.

    Attributes:
        probabilities: Of each class for each image, softened by the temperature: float32 [N, K].
        temperature: By which the teacher's logits were divided.
        trust: Weight of the answers, 0 … 1; the labels have the rest.
    """

    probabilities: Tensor
    temperature: float
    trust: float


def fit_probe(
    features: Features,
    labels: Tensor,
    *,
    classes_count: int,
    class_weighting: bool,
    folds: Tensor | None,
    validation_features: Features | None = None,
    validation_labels: Tensor | None = None,
    image_weights: Tensor | None = None,
    answers: Answers | None = None,
    grid: Sequence[float] = L2_GRID,
    on_trial: Callable[[int, ProbeTrial], None] = lambda index, trial: None,
) -> ProbeSolution:
    """Solve for one value of `l2` after the other and choose one.

    Args:
        features: [N, F] of the training images; with answers, [N + U, F] of these and of U unlabelled ones.
        labels: int64 [N].
        classes_count: K.
        class_weighting: Weight images so that all classes count the same.
        folds: int64 [N], 0 … FOLDS - 1: the fold of each training image. None leaves the choice to the
            validation images; without any, the first `l2` is taken.
        validation_features: [M, F], M may be 0; None for no validation images.
        validation_labels: int64 [M].
        image_weights: How much each training image counts, float64 [N]; None counts all alike.
        answers: What a teacher answers for all N + U images.
        grid: Values of `l2` to try, the largest first; at least one.
        on_trial: Called after each `l2`; an exception that it raises ends the search.

    Returns:
        The chosen solution.
    """
    small = len(features) * features.size <= SMALL_PROBLEM
    n, unlabelled = len(labels), len(features) - len(labels)
    if validation_features is None or validation_labels is None:
        validation_features, validation_labels = features[:0], labels[:0]
    crossed = folds if _cross_validates(n, len(validation_labels)) else None
    with one_thread() if small else nullcontext():
        axes = Axes(features)
        exact = AxisImages(features, axes)
        validation = AxisImages(validation_features, axes).rounded()
        weights = _image_weights(
            labels,
            crossed,
            classes_count=classes_count,
            class_weighting=class_weighting,
            image_weights=image_weights,
        )
        soft = None
        if answers is not None:
            soft = _soft_targets(answers, crossed, labelled=n, dtype=torch.float32)
            weights = pad(weights * (1 - answers.trust), (0, unlabelled))
            crossed = None if crossed is None else pad(crossed, (0, unlabelled))
        all_labels = pad(labels, (0, unlabelled))
        problem = Problem(
            exact.rounded(), all_labels, weights=weights, classes_count=classes_count, soft=soft
        )
    solution, curvature = problem.start()
    trials: list[ProbeTrial] = []
    for index, l2 in enumerate(grid):
        with one_thread() if small else nullcontext():
            solution = problem.solve(l2, start=solution, curvature=curvature, **SEARCHING)
            own, held_out, curvature = problem.logits(solution, crossed)
            own, held_out = own[:n], held_out[:n]  # without the unlabelled ones
            of_validation = validation.logits(solution[:, :1])
            trials.append(
                ProbeTrial(
                    l2=l2,
                    train=ONE_CLASS_EACH.metrics(own, labels),
                    validation=ONE_CLASS_EACH.metrics(of_validation, validation_labels),
                    selection_loss=_log_loss((of_validation, validation_labels), (held_out, labels)),
                )
            )
        on_trial(index, trials[-1])
        losses = [trial.selection_loss for trial in trials]
        if losses[-1] > min(losses):
            break
        if losses.index(min(losses)) == index:
            best, chosen, chosen_curvature, chosen_held_out = index, solution[:, :1], curvature, held_out
    if axes.in_memory:
        with one_thread() if small else nullcontext():
            soft = soft and soft.of_first(dtype=exact.dtype)
            alone = Problem(exact, all_labels, weights=weights[:1], classes_count=classes_count, soft=soft)
            chosen = alone.solve(grid[best], start=chosen.double(), curvature=chosen_curvature, **FINAL)
    weight, bias = axes.unfold(chosen[:, 0])
    return ProbeSolution(weight=weight, bias=bias, trials=tuple(trials), best=best, held_out=chosen_held_out)


def _cross_validates(train: int, validation: int) -> bool:
    return train <= CROSS_VALIDATED_UP_TO or validation == 0


def _image_weights(
    labels: Tensor,
    folds: Tensor | None,
    *,
    classes_count: int,
    class_weighting: bool,
    image_weights: Tensor | None,
) -> Tensor:
    """Weight of each image in each model [1 + folds, N], summing to 1 each; the first uses all images."""
    each = torch.ones(len(labels), dtype=torch.float64) if image_weights is None else image_weights.double()
    if class_weighting:
        each = each * class_weights(labels, classes_count=classes_count)[labels].double()
    used = [torch.ones_like(each)]
    if folds is not None:
        used += [(folds != fold).double() for fold in range(FOLDS)]
    weights = torch.stack(used) * each
    return weights / weights.sum(dim=1, keepdim=True).clamp_min(1e-12)


def _soft_targets(
    answers: Answers, folds: Tensor | None, *, labelled: int, dtype: torch.dtype
) -> SoftTargets:
    """The answers as each model learns from them: all but those for the images that it is judged by."""
    used = torch.ones(1 if folds is None else 1 + FOLDS, len(answers.probabilities), dtype=torch.float64)
    if folds is not None:
        used[1:, :labelled] = torch.stack([folds != fold for fold in range(FOLDS)]).double()
    weights = answers.trust * used / used.sum(dim=1, keepdim=True).clamp_min(1e-12)
    return SoftTargets(
        probabilities=answers.probabilities.to(dtype),
        temperature=answers.temperature,
        weights=weights.to(dtype),
    )


def _log_loss(*parts: tuple[Tensor, Tensor]) -> float:
    """Mean over the images of all parts of -ln(probability of the true class); 0 without images."""
    sums = [
        ONE_CLASS_EACH.loss(scores.double(), labels[: len(scores)], reduction="sum")
        for scores, labels in parts
    ]
    return float(torch.stack(sums).sum()) / max(sum(len(scores) for scores, _ in parts), 1)
