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

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from copy import copy
from dataclasses import dataclass

import torch
from torch import Tensor

from tlstudio.compute.device import one_thread
from tlstudio.evaluation.metrics import Score
from tlstudio.evaluation.objective import ONE_CLASS_EACH
from tlstudio.features.table import Features
from tlstudio.training.head.lbfgs import minimise
from tlstudio.training.loop.optimiser import class_weights

L2_GRID = tuple(10.0 ** (-exponent / 2) for exponent in range(3, 13))
"""Values of `l2` to try, the largest first: 0.03 … 1e-6 times half the squared weights, per image."""
FOLDS = 5
MOST_ITERATIONS = 200
SEARCHING = {"gradient_tolerance": 2e-4, "change_tolerance": 2e-6}
FINAL = {"gradient_tolerance": 1e-6, "change_tolerance": 1e-10}
SMALL_PROBLEM = 2_000_000
"""Values in the feature table up to which one thread is faster: 0.6 s against 20 s on a busy machine."""
IN_MEMORY = 6_000_000
"""Values in the feature table that stay in memory (float64 and float32, 72 MB); more are read by blocks."""
AXES_FROM = 4000
"""Images from which the principal axes of a large set are estimated; the axes only reduce the steps."""
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
    """

    weight: Tensor
    bias: Tensor
    trials: tuple[ProbeTrial, ...]
    best: int


def fit_probe(
    features: Features,
    labels: Tensor,
    *,
    validation_features: Features,
    validation_labels: Tensor,
    classes_count: int,
    class_weighting: bool,
    folds: Tensor,
    image_weights: Tensor | None = None,
    on_trial: Callable[[int, ProbeTrial], None] = lambda index, trial: None,
) -> ProbeSolution:
    """Solve for one value of `l2` after the other and choose one.

    Args:
        features: [N, F] of the training images.
        labels: int64 [N].
        validation_features: [M, F], M may be 0.
        validation_labels: int64 [M].
        classes_count: K.
        class_weighting: Weight images so that all classes count the same.
        folds: int64 [N], 0 … FOLDS - 1: the fold of each training image.
        image_weights: How much each training image counts, float64 [N]; None counts all alike.
        on_trial: Called after each `l2`; an exception that it raises ends the search.

    Returns:
        The chosen solution.
    """
    small = len(features) * features.size <= SMALL_PROBLEM
    crossed = folds if _cross_validates(len(labels), len(validation_labels)) else None
    with one_thread() if small else nullcontext():
        axes = _Axes(features)
        exact = _Images(features, axes)
        validation = _Images(validation_features, axes).rounded()
        weights = _image_weights(
            labels,
            crossed,
            classes_count=classes_count,
            class_weighting=class_weighting,
            image_weights=image_weights,
        )
        problem = _Problem(exact.rounded(), labels, weights=weights, classes_count=classes_count)
    solution, curvature = problem.start()
    trials: list[ProbeTrial] = []
    tried: list[tuple[Tensor, float]] = []
    for index, l2 in enumerate(L2_GRID):
        with one_thread() if small else nullcontext():
            solution = problem.solve(l2, start=solution, curvature=curvature, **SEARCHING)
            own, held_out, curvature = problem.logits(solution, crossed)
            of_validation = validation.logits(solution[:, :1])
            trials.append(
                ProbeTrial(
                    l2=l2,
                    train=ONE_CLASS_EACH.metrics(own, labels),
                    validation=ONE_CLASS_EACH.metrics(of_validation, validation_labels),
                    selection_loss=_log_loss((of_validation, validation_labels), (held_out, labels)),
                )
            )
        tried.append((solution[:, :1], curvature))
        on_trial(index, trials[-1])
        losses = [trial.selection_loss for trial in trials]
        if losses[-1] > min(losses):
            break
    best = losses.index(min(losses))
    chosen, curvature = tried[best]
    if axes.in_memory:
        with one_thread() if small else nullcontext():
            alone = _Problem(exact, labels, weights=weights[:1], classes_count=classes_count)
            chosen = alone.solve(L2_GRID[best], start=chosen.double(), curvature=curvature, **FINAL)
    weight, bias = axes.unfold(chosen[:, 0])
    return ProbeSolution(weight=weight, bias=bias, trials=tuple(trials), best=best)


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


def _log_loss(*parts: tuple[Tensor, Tensor]) -> float:
    """Mean over the images of all parts of -ln(probability of the true class); 0 without images."""
    sums = [
        ONE_CLASS_EACH.loss(scores.double(), labels[: len(scores)], reduction="sum")
        for scores, labels in parts
    ]
    return float(torch.stack(sums).sum()) / max(sum(len(scores) for scores, _ in parts), 1)


class _Axes:
    """Mean, common length and principal axes of the training features.

    Attributes:
        in_memory: Whether features are rotated onto these axes and kept in memory.
        basis: Orthonormal axes [F, R].
        variance: Mean square of the features along each axis [R].
    """

    def __init__(self, features: Features) -> None:
        self.in_memory = len(features) * features.size <= IN_MEMORY
        self.dtype = torch.float64 if self.in_memory else torch.float32
        n = max(len(features), 1)
        total = sum(block.sum(dim=0, dtype=torch.float64) for block in features.blocks())
        self.centre = (torch.as_tensor(total) / n).to(self.dtype)
        self.length = torch.ones((), dtype=self.dtype)
        squares = sum(self.apply(block).square().sum(dtype=torch.float64) for block in features.blocks())
        self.length = (torch.as_tensor(squares) / n).sqrt().clamp_min(1e-12).to(self.dtype)
        sample = features if self.in_memory else features[:: -(-n // AXES_FROM)]
        blocks = (self.apply(block) for block in sample.blocks())
        if self.in_memory and len(sample) < features.size:
            x = torch.cat(list(blocks))
            squares, vectors = torch.linalg.eigh(x @ x.T)
            squares, vectors = _significant(squares, vectors)
            self.basis = x.T @ (vectors / squares.sqrt())
        else:
            scatter = torch.zeros(features.size, features.size, dtype=self.dtype)
            for x in blocks:
                scatter.addmm_(x.T, x)
            squares, self.basis = torch.linalg.eigh(scatter)
            if self.in_memory:
                squares, self.basis = _significant(squares, self.basis)
        self.variance = squares.clamp_min(0) / max(len(sample), 1)

    def apply(self, block: Tensor) -> Tensor:
        """Features with the mean subtracted, divided by the common length."""
        return (block.to(self.dtype) - self.centre).div_(self.length)

    def unfold(self, solution: Tensor) -> tuple[Tensor, Tensor]:
        """Weight float32 [K, F] and bias [K] for raw features, from a solution [K, R + 1] along the axes."""
        weight = solution[:, :-1] @ self.basis.T / self.length
        return weight.float().contiguous(), (solution[:, -1] - weight @ self.centre).float()


def _significant(squares: Tensor, vectors: Tensor) -> tuple[Tensor, Tensor]:
    """The axes along which features vary by more than rounding errors."""
    significant = squares > 1e-12 * squares[-1:].clamp_min(1e-12)
    return squares[significant], vectors[:, significant]


class _Images:
    """Features as the solver reads them: rotated in memory, or by blocks from disk with rotated weights.

    Attributes:
        axes: Axes of the training features.
        dtype: Number format to compute in.
    """

    def __init__(self, features: Features, axes: _Axes) -> None:
        self._features = features
        self.axes = axes
        self.dtype = axes.dtype
        self._rotated = [axes.apply(x) @ axes.basis for x in features.blocks()] if axes.in_memory else None

    def rounded(self) -> _Images:
        """The same features in float32."""
        other = copy(self)
        other.dtype = torch.float32
        other._rotated = self._rotated and [x.float() for x in self._rotated]
        return other

    def blocks(self) -> Iterator[tuple[slice, Tensor]]:
        """Blocks of features [n, C] with the rows they hold."""
        done = 0
        for x in self._rotated or (self.axes.apply(block) for block in self._features.blocks()):
            yield slice(done, done + len(x)), x
            done += len(x)

    def weights_for_blocks(self, weight: Tensor) -> Tensor:
        """Weights [rows, C] that fit the blocks, from weights [rows, R] along the axes."""
        return weight if self._rotated is not None else weight @ self.axes.basis.T

    def along_axes(self, gradient: Tensor) -> Tensor:
        """A gradient [rows, R] along the axes, from one [rows, C] with respect to the blocks' weights."""
        return gradient if self._rotated is not None else gradient @ self.axes.basis

    def logits_by_block(self, solution: Tensor) -> Iterator[tuple[slice, Tensor]]:
        """Rows of each block, and their logits [K, models, n] for solutions [K, models, R + 1], bias last."""
        weight = self.weights_for_blocks(solution[:, :, :-1].flatten(0, 1))
        for rows, x in self.blocks():
            yield rows, (weight @ x.T).view(*solution.shape[:2], len(x)).add_(solution[:, :, -1:])

    def logits(self, solution: Tensor) -> Tensor:
        """Logits [N, K] of the first model."""
        own = solution.new_empty(len(self._features), len(solution))
        for rows, logits in self.logits_by_block(solution):
            own[rows] = logits[:, 0].T
        return own


class _Problem:
    """Several models solved together: their losses share no variables, so the sum has the same minima."""

    def __init__(self, images: _Images, labels: Tensor, *, weights: Tensor, classes_count: int) -> None:
        self._images = images
        self._labels = labels
        self._weights = weights.to(images.dtype)
        self._classes_count = classes_count

    def start(self) -> tuple[Tensor, float]:
        """All weights zero [K, models, R + 1], and the loss curvature there (see `logits`)."""
        size = len(self._images.axes.variance) + 1
        zeros = self._weights.new_zeros(self._classes_count, len(self._weights), size)
        return zeros, (1 - 1 / self._classes_count) / self._classes_count

    def solve(
        self,
        l2: float,
        *,
        start: Tensor,
        curvature: float,
        gradient_tolerance: float,
        change_tolerance: float,
    ) -> Tensor:
        """Minimise the loss for one `l2`, from a start whose loss curvature is known (see `logits`)."""
        variance = self._images.axes.variance.to(start.dtype)
        curvature = max(curvature, 1e-6)
        by_axis = torch.cat([l2 + curvature * variance, variance.new_tensor([curvature])])
        scale = by_axis.rsqrt()

        def function(point: Tensor) -> tuple[float, Tensor]:
            value, gradient = self._loss(point * scale, l2)
            return value, gradient.mul_(scale)

        found = minimise(
            function,
            start / scale,
            gradient_tolerance=gradient_tolerance,
            change_tolerance=change_tolerance,
            most_iterations=MOST_ITERATIONS,
        )
        return found * scale

    def _loss(self, solution: Tensor, l2: float) -> tuple[float, Tensor]:
        """Weighted log loss plus regularisation, summed over the models, and its gradient.

        The formula of `evaluation.objective` with its gradient written by hand. Classes come first: with the
        long dimension last, log_softmax over the classes is 15 times faster.
        """
        weight = solution[:, :, :-1]
        gradient = torch.empty_like(solution)
        models = solution.shape[:2]
        of_bias = solution.new_zeros(models)
        loss = 0.5 * l2 * float(weight.square().sum(dtype=torch.float64))
        block_weight = self._images.weights_for_blocks(weight.flatten(0, 1))
        of_weight = torch.zeros_like(block_weight)
        for rows, x in self._images.blocks():
            logits = (block_weight @ x.T).view(*models, len(x)).add_(solution[:, :, -1:])
            weights = self._weights[:, rows]
            true = self._labels[rows].expand(1, *weights.shape)
            log_probabilities = logits.log_softmax(dim=0)
            loss -= float((log_probabilities.gather(0, true)[0] * weights).sum(dtype=torch.float64))
            residuals = log_probabilities.exp_().mul_(weights).scatter_add_(0, true, -weights[None])
            of_bias += residuals.sum(dim=2)
            of_weight.addmm_(residuals.flatten(0, 1), x)
        gradient[:, :, :-1] = self._images.along_axes(of_weight).view(*models, -1)
        gradient[:, :, :-1].add_(weight, alpha=l2)
        gradient[:, :, -1] = of_bias
        return loss, gradient

    def logits(self, solution: Tensor, folds: Tensor | None) -> tuple[Tensor, Tensor, float]:
        """Logits [N, K] of the first model, of the model not trained on the image, and the loss curvature.

        Without folds the second are [0, K]. The curvature is the mean variance p (1 - p) of the predicted
        probabilities over classes and models: it is what the log loss's second derivative is made of.
        """
        # Filled in place: small results that stay between large blocks that are freed would fragment the
        # heap, by 130 MB for 60 000 images.
        own = solution.new_empty(len(self._labels), len(solution))
        held_out = solution.new_empty(0 if folds is None else len(self._labels), len(solution))
        curvature = 0.0
        for rows, logits in self._images.logits_by_block(solution):
            own[rows] = logits[:, 0].T
            if folds is not None:
                held_out[rows] = logits[:, folds[rows] + 1, torch.arange(logits.shape[2])].T
            p = logits.softmax(dim=0)
            curvature += float((p * (1 - p) * self._weights[:, rows]).sum(dtype=torch.float64))
        return own, held_out, curvature / (solution.shape[0] * solution.shape[1])
