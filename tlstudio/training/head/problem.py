"""The problem behind a head: features along their principal axes, and the loss of linear heads on them."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from tlstudio.features.table import Features
from tlstudio.training.head.lbfgs import minimise

MOST_ITERATIONS = 200
IN_MEMORY = 6_000_000
"""Values in the feature table that stay in memory (float64 and float32, 72 MB); more are read by blocks."""
AXES_FROM = 4000
"""Images from which the principal axes of a large set are estimated; the axes only reduce the steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftTargets:
    """Probabilities that a teacher gives, which several heads are to come close to.

    Attributes:
        probabilities: Of each class for each image, softened by the temperature: [N, K].
        temperature: By which logits are divided before probabilities are compared.
        weights: Of each image in each head: [models, N].
    """

    probabilities: Tensor
    temperature: float
    weights: Tensor

    def of_first(self, *, dtype: torch.dtype) -> SoftTargets:
        """Return the soft targets of the first head alone, in another number format."""
        return replace(self, probabilities=self.probabilities.to(dtype), weights=self.weights[:1].to(dtype))

    def loss_and_residuals(self, logits: Tensor, rows: slice) -> tuple[float, Tensor]:
        """The loss of some images, and its derivatives with respect to their logits.

        The cross-entropy with the teacher's probabilities, which differs from the divergence by a constant,
        times the squared temperature, so that its gradient does not shrink with softer answers.

        Args:
            logits: [K, models, n].
            rows: Of the n images.
        """
        log_probabilities = (logits / self.temperature).log_softmax(dim=0)
        wanted, weights = self.probabilities[rows].T[:, None], self.weights[:, rows]
        each = (wanted * log_probabilities).sum(dim=0).mul_(weights)
        loss = -(self.temperature**2) * float(each.sum(dtype=torch.float64))
        return loss, log_probabilities.exp_().sub_(wanted).mul_(weights * self.temperature)


class Axes:
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


class AxisImages:
    """Features as the solver reads them: rotated in memory, or by blocks from disk with rotated weights.

    Attributes:
        axes: Axes of the training features.
        dtype: Number format to compute in.
    """

    def __init__(self, features: Features, axes: Axes) -> None:
        self._features = features
        self.axes = axes
        self.dtype = axes.dtype
        self._rotated = [axes.apply(x) @ axes.basis for x in features.blocks()] if axes.in_memory else None

    def rounded(self) -> AxisImages:
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


class Problem:
    """Several models solved together: their losses share no variables, so the sum has the same minima.

    Args:
        images: All images that have a label, soft targets, or both.
        labels: int64 [N].
        weights: Of each image's label in each model: [models, N].
        classes_count: K.
        soft: What a teacher answers for the same images; the weights of both sum to 1 for each model.
    """

    def __init__(
        self,
        images: AxisImages,
        labels: Tensor,
        *,
        weights: Tensor,
        classes_count: int,
        soft: SoftTargets | None = None,
    ) -> None:
        self._images = images
        self._labels = labels
        self._weights = weights.to(images.dtype)
        self._classes_count = classes_count
        self._soft = soft

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
            if self._soft is not None:
                of_answers, toward = self._soft.loss_and_residuals(logits, rows)
                loss += of_answers
                residuals += toward
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
        all_weights = self._weights if self._soft is None else self._weights + self._soft.weights
        for rows, logits in self._images.logits_by_block(solution):
            own[rows] = logits[:, 0].T
            if folds is not None:
                held_out[rows] = logits[:, folds[rows] + 1, torch.arange(logits.shape[2])].T
            p = logits.softmax(dim=0)
            curvature += float((p * (1 - p) * all_weights[:, rows]).sum(dtype=torch.float64))
        return own, held_out, curvature / (solution.shape[0] * solution.shape[1])
