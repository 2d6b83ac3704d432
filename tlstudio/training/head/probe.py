"""The linear probe's head: full-batch multinomial logistic regression, its regularisation chosen by the data.

Features are centred and divided by one common length, so that the same grid of strengths fits every backbone.
(Dividing each feature by its own spread was measured too: level on three of five small sets, 3 and 5 points
lower on the others; the spread of a pooled feature tells how much it matters.) The solver works along the
images' principal axes, each scaled by the curvature there, which needs about a third of the steps. A set of
ordinary size is turned into these axes once, in memory and in float64; with fewer images than features there
are only as many axes as images, and they hold the exact solution. A large one stays on disk and is read by
blocks at every step, and the weights are turned instead.

The strength is the one with the lowest log loss over all images that may be looked at: validation images, and
training images each answered by a model of a five-fold cross-validation that has not seen it. Log loss moves
smoothly where accuracy jumps, and training has five times the images of validation; measured on five sets and
ten seeds this was level with or better than validation accuracy. The five folds and the model itself are
solved at once, from strong to weak, each start being the solution before; once the log loss has risen,
weaker strengths only fit the training images harder and are left out (in 180 splits of six sets, trying one
more never changed the choice and took a sixth of the time). The search is content with
what tells the strengths apart, and with float32, which takes two thirds of the time; the chosen solution
alone is then worked out to the last digits in float64.
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
"""L2 strengths to try, strong to weak: 0.03 … 1e-6 times the squared weights, per image."""
FOLDS = 5
MOST_ITERATIONS = 200
SEARCHING = {"gradient_tolerance": 2e-4, "change_tolerance": 2e-6}
FINAL = {"gradient_tolerance": 1e-6, "change_tolerance": 1e-10}
SMALL_PROBLEM = 2_000_000
"""Numbers in the features up to which one thread is quicker: 0.6 s against 20 s on a busy machine."""
IN_MEMORY = 6_000_000
"""Numbers in the features that may lie in memory, as float64 and float32, 72 MB; more are read by blocks."""
AXES_FROM = 4000
"""Images that the principal axes of a large set are taken from; they only make the steps fewer."""
CROSS_VALIDATED_UP_TO = 4000
"""Training images; beyond, validation and training are large enough for validation alone to choose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeTrial:
    """One strength tried.

    Attributes:
        strength: Of the regularisation.
        train: Figures on the training images themselves.
        validation: Figures on the validation images.
        selection_loss: Mean log loss over the images that the strength is chosen on.
    """

    strength: float
    train: Score
    validation: Score
    selection_loss: float


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
    features: Features,
    labels: Tensor,
    *,
    validation_features: Features,
    validation_labels: Tensor,
    classes_count: int,
    class_weighting: bool,
    folds: Tensor,
    on_trial: Callable[[int, ProbeTrial], None] = lambda index, trial: None,
) -> ProbeSolution:
    """Solve for strength after strength and choose one.

    Args:
        features: [N, F] of the training images.
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
    small = len(features) * features.size <= SMALL_PROBLEM
    crossed = folds if _cross_validates(len(labels), len(validation_labels)) else None
    with one_thread() if small else nullcontext():
        axes = _Axes(features)
        exact = _Images(features, axes)
        validation = _Images(validation_features, axes).rounded()
        weights = _image_weights(
            labels, crossed, classes_count=classes_count, class_weighting=class_weighting
        )
        problem = _Problem(exact.rounded(), labels, weights=weights, classes_count=classes_count)
    solution, doubt = problem.start()
    trials: list[ProbeTrial] = []
    tried: list[tuple[Tensor, float]] = []
    for index, strength in enumerate(L2_GRID):
        with one_thread() if small else nullcontext():
            solution = problem.solve(strength, start=solution, doubt=doubt, **SEARCHING)
            own, unseen, doubt = problem.answers(solution, crossed)
            of_validation = validation.answers(solution[:, :1])
            trials.append(
                ProbeTrial(
                    strength=strength,
                    train=ONE_CLASS_EACH.metrics(own, labels),
                    validation=ONE_CLASS_EACH.metrics(of_validation, validation_labels),
                    selection_loss=_log_loss((of_validation, validation_labels), (unseen, labels)),
                )
            )
        tried.append((solution[:, :1], doubt))
        on_trial(index, trials[-1])
        losses = [trial.selection_loss for trial in trials]
        if losses[-1] > min(losses):
            break
    best = losses.index(min(losses))
    chosen, doubt = tried[best]
    if axes.in_memory:
        with one_thread() if small else nullcontext():
            alone = _Problem(exact, labels, weights=weights[:1], classes_count=classes_count)
            chosen = alone.solve(L2_GRID[best], start=chosen.double(), doubt=doubt, **FINAL)
    weight, bias = axes.unfold(chosen[:, 0])
    return ProbeSolution(weight=weight, bias=bias, trials=tuple(trials), best=best)


def _cross_validates(train: int, validation: int) -> bool:
    return train <= CROSS_VALIDATED_UP_TO or validation == 0


def _image_weights(
    labels: Tensor, folds: Tensor | None, *, classes_count: int, class_weighting: bool
) -> Tensor:
    """Weight of each image in each model [1 + folds, N], summing to 1 per model; the first sees all."""
    each = torch.ones(len(labels), dtype=torch.float64)
    if class_weighting:
        each = class_weights(labels, classes_count=classes_count)[labels].double()
    seen = [torch.ones_like(each)]
    if folds is not None:
        seen += [(folds != fold).double() for fold in range(FOLDS)]
    weights = torch.stack(seen) * each
    return weights / weights.sum(dim=1, keepdim=True).clamp_min(1e-12)


def _log_loss(*parts: tuple[Tensor, Tensor]) -> float:
    """Mean over the images of all parts of -ln(probability of the true class); 0 without images."""
    sums = [
        ONE_CLASS_EACH.loss(scores.double(), labels[: len(scores)], reduction="sum")
        for scores, labels in parts
    ]
    return float(torch.stack(sums).sum()) / max(sum(len(scores) for scores, _ in parts), 1)


class _Axes:
    """Centre, common length and principal axes of the training images.

    Attributes:
        in_memory: Whether images are turned into these axes and kept.
        basis: [F, R], orthonormal.
        spread: [R], mean square of the images along each axis.
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
        seen = features if self.in_memory else features[:: -(-n // AXES_FROM)]
        blocks = (self.apply(block) for block in seen.blocks())
        if self.in_memory and len(seen) < features.size:
            x = torch.cat(list(blocks))
            squares, turned = torch.linalg.eigh(x @ x.T)
            squares, turned = _sound(squares, turned)
            self.basis = x.T @ (turned / squares.sqrt())
        else:
            scatter = torch.zeros(features.size, features.size, dtype=self.dtype)
            for x in blocks:
                scatter.addmm_(x.T, x)
            squares, self.basis = torch.linalg.eigh(scatter)
            if self.in_memory:
                squares, self.basis = _sound(squares, self.basis)
        self.spread = squares.clamp_min(0) / max(len(seen), 1)

    def apply(self, block: Tensor) -> Tensor:
        """Centred, and of common length."""
        return (block.to(self.dtype) - self.centre).div_(self.length)

    def unfold(self, solution: Tensor) -> tuple[Tensor, Tensor]:
        """Weight float32 [K, F] and bias [K] for raw features, of a solution [K, R + 1]."""
        weight = solution[:, :-1] @ self.basis.T / self.length
        return weight.float().contiguous(), (solution[:, -1] - weight @ self.centre).float()


def _sound(squares: Tensor, vectors: Tensor) -> tuple[Tensor, Tensor]:
    """The axes along which images differ by more than rounding."""
    kept = squares > 1e-12 * squares[-1:].clamp_min(1e-12)
    return squares[kept], vectors[:, kept]


class _Images:
    """Images as the solver sees them: along the axes in memory, or read by blocks and the weights turned.

    Attributes:
        axes: Theirs.
        dtype: To compute in.
    """

    def __init__(self, features: Features, axes: _Axes) -> None:
        self._features = features
        self.axes = axes
        self.dtype = axes.dtype
        self._kept = [axes.apply(x) @ axes.basis for x in features.blocks()] if axes.in_memory else None

    def rounded(self) -> _Images:
        """The same in float32."""
        other = copy(self)
        other.dtype = torch.float32
        other._kept = self._kept and [x.float() for x in self._kept]
        return other

    def blocks(self) -> Iterator[tuple[slice, Tensor]]:
        """Which images, and these [n, C]."""
        done = 0
        for x in self._kept or (self.axes.apply(block) for block in self._features.blocks()):
            yield slice(done, done + len(x)), x
            done += len(x)

    def outward(self, weight: Tensor) -> Tensor:
        """Weights [rows, C] for the blocks, of weights [rows, R] along the axes."""
        return weight if self._kept is not None else weight @ self.axes.basis.T

    def inward(self, gradient: Tensor) -> Tensor:
        """The other way round."""
        return gradient if self._kept is not None else gradient @ self.axes.basis

    def scores(self, solution: Tensor) -> Iterator[tuple[slice, Tensor]]:
        """Which images, and their scores [K, models, n] under solutions [K, models, R + 1], the bias last."""
        weight = self.outward(solution[:, :, :-1].flatten(0, 1))
        for rows, x in self.blocks():
            yield rows, (weight @ x.T).view(*solution.shape[:2], len(x)).add_(solution[:, :, -1:])

    def answers(self, solution: Tensor) -> Tensor:
        """Scores [N, K] under the first model."""
        own = solution.new_empty(len(self._features), len(solution))
        for rows, scores in self.scores(solution):
            own[rows] = scores[:, 0].T
        return own


class _Problem:
    """Several models at once: their losses have no variables in common, so the sum has the same solutions."""

    def __init__(self, images: _Images, labels: Tensor, *, weights: Tensor, classes_count: int) -> None:
        self._images = images
        self._labels = labels
        self._weights = weights.to(images.dtype)
        self._classes_count = classes_count

    def start(self) -> tuple[Tensor, float]:
        """The solution [K, models, R + 1] that knows nothing, and its doubt."""
        size = len(self._images.axes.spread) + 1
        nothing = self._weights.new_zeros(self._classes_count, len(self._weights), size)
        return nothing, (1 - 1 / self._classes_count) / self._classes_count

    def solve(
        self,
        strength: float,
        *,
        start: Tensor,
        doubt: float,
        gradient_tolerance: float,
        change_tolerance: float,
    ) -> Tensor:
        """The solution at a strength; `doubt` at the start tells how the loss is curved."""
        spread = self._images.axes.spread.to(start.dtype)
        doubt = max(doubt, 1e-6)
        curvature = torch.cat([strength + doubt * spread, spread.new_tensor([doubt])])
        scale = curvature.rsqrt()

        def function(point: Tensor) -> tuple[float, Tensor]:
            value, gradient = self._loss(point * scale, strength)
            return value, gradient.mul_(scale)

        found = minimise(
            function,
            start / scale,
            gradient_tolerance=gradient_tolerance,
            change_tolerance=change_tolerance,
            most_iterations=MOST_ITERATIONS,
        )
        return found * scale

    def _loss(self, solution: Tensor, strength: float) -> tuple[float, Tensor]:
        """Weighted log loss with the regularisation, summed over the models, and its gradient.

        Classes come first: along the last, long dimension log_softmax over the classes is 15 times quicker.
        """
        weight = solution[:, :, :-1]
        gradient = torch.empty_like(solution)
        models = solution.shape[:2]
        of_bias = solution.new_zeros(models)
        loss = 0.5 * strength * float(weight.square().sum(dtype=torch.float64))
        turned = self._images.outward(weight.flatten(0, 1))
        of_weight = torch.zeros_like(turned)
        for rows, x in self._images.blocks():
            scores = (turned @ x.T).view(*models, len(x)).add_(solution[:, :, -1:])
            weights = self._weights[:, rows]
            true = self._labels[rows].expand(1, *weights.shape)
            answers = scores.log_softmax(dim=0)
            loss -= float((answers.gather(0, true)[0] * weights).sum(dtype=torch.float64))
            missed = answers.exp_().mul_(weights).scatter_add_(0, true, -weights[None])
            of_bias += missed.sum(dim=2)
            of_weight.addmm_(missed.flatten(0, 1), x)
        gradient[:, :, :-1] = self._images.inward(of_weight).view(*models, -1)
        gradient[:, :, :-1].add_(weight, alpha=strength)
        gradient[:, :, -1] = of_bias
        return loss, gradient

    def answers(self, solution: Tensor, folds: Tensor | None) -> tuple[Tensor, Tensor, float]:
        """Scores [N, K] of the first model, those of the model that has not seen the image, and the doubt.

        Without folds the second are [0, K]. The doubt is the mean of p (1 - p) over classes and models.
        """
        # Filled in place: small results that stay between large blocks that go would leave holes in the heap,
        # 130 MB of them for 60 000 images.
        own = solution.new_empty(len(self._labels), len(solution))
        unseen = solution.new_empty(0 if folds is None else len(self._labels), len(solution))
        doubt = 0.0
        for rows, scores in self._images.scores(solution):
            own[rows] = scores[:, 0].T
            if folds is not None:
                unseen[rows] = scores[:, folds[rows] + 1, torch.arange(scores.shape[2])].T
            share = scores.softmax(dim=0)
            doubt += float((share * (1 - share) * self._weights[:, rows]).sum(dtype=torch.float64))
        return own, unseen, doubt / (solution.shape[0] * solution.shape[1])
