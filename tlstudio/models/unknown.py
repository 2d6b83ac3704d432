"""The unknown score: how unlike the images that a classifier was taught an image is, from its frozen feature.

Two distances: to the nearest class mean, in the metric of the spread within classes (Mahalanobis; Lee et al.
2018), and to the nearest training images (Sun et al. 2022). Beside them the doubt between classes: how little
nearer the nearest class mean is than all of them are on average. All look at features of length 1 of the
backbone as it was before the training. `training/unknown` fits them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from tlstudio.core.unknown_words import FAR_FROM

FAR_LOGIT = math.log(FAR_FROM / (1 - FAR_FROM))
NEIGHBOURS = 5
"""Nearest training images that count."""
TINY = 1e-12


class Mahalanobis(nn.Module):
    """Distance to the nearest class mean, measured by the spread of the images within their classes.

    The shrunk covariance has one variance in all directions in which no image differed from its class mean,
    so the directions in which they did are enough.

    Args:
        centre: Subtracted first, [F].
        basis: Directions of the spread, orthonormal columns, [F, R].
        gains: What is added to `scale` in these directions, [R].
        scale: Inverse standard deviation in all other directions, [].
        means: Of the classes, as `whitened` gives them, [C, F].
    """

    def __init__(self, *, centre: Tensor, basis: Tensor, gains: Tensor, scale: Tensor, means: Tensor) -> None:
        super().__init__()
        self.centre: Tensor
        self.basis: Tensor
        self.gains: Tensor
        self.scale: Tensor
        self.means: Tensor
        self.register_buffer("centre", centre)
        self.register_buffer("basis", basis)
        self.register_buffer("gains", gains)
        self.register_buffer("scale", scale)
        self.register_buffer("means", means)

    def whitened(self, directions: Tensor) -> Tensor:
        """Features [N, F] in the space in which the spread within classes is 1 in every direction."""
        x = directions - self.centre
        return x * self.scale + ((x @ self.basis) * self.gains) @ self.basis.T

    def squares(self, directions: Tensor) -> Tensor:
        """Squared distances [N, C] from all class means, of features of length 1 [N, F]."""
        white = self.whitened(directions)
        size = white.shape[1]
        squares = (white * white).mean(dim=1, keepdim=True) * size
        of_means = (self.means * self.means).mean(dim=1) * size
        return squares + of_means - (white @ self.means.T) * 2.0

    def forward(self, directions: Tensor) -> Tensor:
        """Distances [N, 1] of features of length 1 [N, F]."""
        return self.squares(directions).clamp(0.0, None).amin(dim=1, keepdim=True).sqrt()

    def with_doubt(self, directions: Tensor) -> Tensor:
        """Distances, and doubts between the classes, [N, 2] of features of length 1 [N, F]."""
        squares = self.squares(directions)
        nearest = squares.amin(dim=1, keepdim=True)
        doubt = nearest - squares.mean(dim=1, keepdim=True)
        return torch.cat([nearest.clamp(0.0, None).sqrt(), doubt], dim=1)


class Neighbours(nn.Module):
    """Mean distance (1 - cosine) to the nearest training images.

    Args:
        images: Their features of length 1, [N, F].
    """

    def __init__(self, *, images: Tensor) -> None:
        super().__init__()
        self.images: Tensor
        self.register_buffer("images", images)

    def forward(self, directions: Tensor) -> Tensor:
        """Distances [N, 1] of features of length 1 [N, F]."""
        cosines = directions @ self.images.T
        nearest = cosines.topk(min(NEIGHBOURS, len(self.images)), dim=1)[0]
        return nearest.mean(dim=1, keepdim=True) * -1.0 + 1.0


class UnknownScorer(nn.Module):
    """Frozen features to unknown scores.

    A weighted sum of the distances is put on a scale from 0 to 1 on which 0.1 is typical of the training
    images, and `core/unknown_words.py` says what 0.5 and 0.9 are.

    Args:
        mahalanobis: The distance to classes and the doubt between them; None leaves both out.
        neighbours: The distance to images; None leaves it out.
        weights: Of what they give, in this order, [1], [2] or [3]. One fewer leaves the doubt out.
        anchors: The sums that get 0.1, 0.5 and 0.9, rising, [3].

    Raises:
        ValueError: No distance, another number of weights, or anchors that do not rise.
    """

    def __init__(
        self,
        *,
        mahalanobis: Mahalanobis | None,
        neighbours: Neighbours | None,
        weights: Tensor,
        anchors: Tensor,
    ) -> None:
        super().__init__()
        self.distances = nn.ModuleDict()
        if mahalanobis is not None:
            self.distances["mahalanobis"] = mahalanobis
        if neighbours is not None:
            self.distances["neighbours"] = neighbours
        low, threshold, far = anchors.tolist()
        self._doubts = mahalanobis is not None and len(weights) > len(self.distances)
        if not self.distances or weights.shape != (len(self.distances) + self._doubts,):
            raise ValueError("a weight is needed for each distance, and one distance at least")
        if not (math.isfinite(low) and low < threshold < far < math.inf):
            raise ValueError("anchors that do not rise")
        self.weights: Tensor
        self.anchors: Tensor
        self.register_buffer("weights", weights)
        self.register_buffer("anchors", anchors)
        # Plain numbers: constants of an exported graph.
        self._threshold = threshold
        self._slopes = (FAR_LOGIT / (threshold - low), FAR_LOGIT / (far - threshold))

    def forward(self, features: Tensor) -> Tensor:
        """Unknown scores [N, 1], 0 familiar to 1 unlike anything, of features [N, F]."""
        size = features.shape[1]
        lengths = ((features * features).mean(dim=1, keepdim=True) * size).sqrt()
        directions = features / lengths.clamp(TINY, None)
        found = torch.cat([self._of(name, directions) for name in self.distances], dim=1)
        beyond = (found * self.weights).mean(dim=1, keepdim=True) * len(self.weights) - self._threshold
        below, above = self._slopes
        scores: Tensor = (beyond.clamp(None, 0.0) * below + beyond.clamp(0.0, None) * above).sigmoid()
        return scores

    def _of(self, name: str, directions: Tensor) -> Tensor:
        distance = self.distances[name]
        if self._doubts and isinstance(distance, Mahalanobis):
            return distance.with_doubt(directions)
        found: Tensor = distance(directions)
        return found


def unknown_scorer_from(tensors: Mapping[str, Tensor]) -> UnknownScorer:
    """Build the scorer whose `state_dict` these tensors are.

    Raises:
        ValueError: Tensors are missing, or do not fit together.
    """
    parts: dict[str, dict[str, Any]] = {"mahalanobis": {}, "neighbours": {}}
    for name, tensor in tensors.items():
        place, _, own = name.removeprefix("distances.").partition(".")
        if own and place in parts:
            parts[place][own] = tensor
    try:
        return UnknownScorer(
            mahalanobis=Mahalanobis(**parts["mahalanobis"]) if parts["mahalanobis"] else None,
            neighbours=Neighbours(**parts["neighbours"]) if parts["neighbours"] else None,
            weights=tensors["weights"],
            anchors=tensors["anchors"],
        )
    except (KeyError, TypeError) as error:
        raise ValueError("parts of the unknown score are missing") from error
