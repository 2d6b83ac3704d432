"""Fits the unknown score: chooses its distances by leaving classes out, and its scale by held-out images."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from tlstudio.core.answer_rules import UnknownMethod, UnknownRecord
from tlstudio.models.unknown import UnknownScorer
from tlstudio.training.unknown.distances import directions_of, fit_mahalanobis, fit_neighbours

FEWEST_IMAGES = 19
"""With fewer images held out no threshold is known that 1 of 20 pass in the long run (split conformal)."""
FALSE_ALARMS = 0.05
"""Share of images like the training images that are called odd, in the long run."""
FEWEST_LEFT_OUT = 5
"""Images of classes left out, and of the others, from which an area under a curve is taken."""
MOST_GROUPS = 10
"""Of more classes, several are left out together."""
FAR_STEPS = 0.5
"""Distance of "far" beyond the threshold, in steps from typical to threshold: see the decision 0044."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedUnknown:
    """An unknown score and how it was made."""

    scorer: UnknownScorer
    record: UnknownRecord


def fit_unknown(
    features: Tensor, labels: Tensor, *, folds: Tensor, kinds: Tensor | None = None
) -> FittedUnknown | None:
    """Fit the unknown score of images.

    Args:
        features: Of the training images by the frozen backbone, [N, F].
        labels: The class of each, int64 [N].
        folds: Fold of each image, int64 [N]; images that belong together share one.
        kinds: Where images of one class come from several places, the class in its place, int64 [N]: each has
            a mean of its own.

    Returns:
        The score; None where too few images can be held out, or their features say nothing.
    """
    directions, kinds = directions_of(features), labels if kinds is None else kinds
    held_out = _held_out(directions, kinds, folds)
    if len(held_out) < FEWEST_IMAGES or not bool(held_out.isfinite().all()):
        return None
    weights = _weights(held_out)
    if not weights:
        return None
    left_out = list(_left_out(directions, labels, folds, kinds))
    method, auroc = _chosen(weights, left_out)
    chosen = weights[method]
    by_classes, doubts, by_images = (chosen > 0).tolist()
    scorer = UnknownScorer(
        mahalanobis=fit_mahalanobis(directions, kinds) if by_classes else None,
        neighbours=fit_neighbours(directions) if by_images else None,
        weights=chosen[[by_classes, doubts, by_images]].float(),
        anchors=_anchors(held_out @ chosen).float(),
    )
    record = UnknownRecord(method=method, images=len(labels), left_out=len(left_out), auroc=auroc)
    return FittedUnknown(scorer=scorer, record=record)


def _distances(learned: Tensor, kinds: Tensor, others: Tensor) -> Tensor:
    """Distances and doubts of other images by what was learned, float64 [M, 3]; NaN where there is no fit."""
    mahalanobis = fit_mahalanobis(learned, kinds)
    near = fit_neighbours(learned)(others.float())
    if mahalanobis is None:
        return torch.full((len(near), 3), math.nan, dtype=torch.float64)
    return torch.cat([mahalanobis.with_doubt(others.float()), near], dim=1).double()


def _held_out(directions: Tensor, kinds: Tensor, folds: Tensor) -> Tensor:
    """The distances [M, 3] of images that a fit without their fold has seen others of their class of."""
    found = []
    for fold in sorted(set(folds.tolist())):
        learned, others = folds != fold, folds == fold
        others = others & torch.isin(kinds, kinds[learned])
        if learned.any() and others.any():
            found.append(_distances(directions[learned], kinds[learned], directions[others]))
    return torch.cat(found) if found else torch.zeros(0, 3, dtype=torch.float64)


def _left_out(
    directions: Tensor, labels: Tensor, folds: Tensor, kinds: Tensor
) -> Iterator[tuple[Tensor, Tensor]]:
    """Leave classes out in turn: the distances of known images that were held out, and of unknown ones."""
    classes, numbers = torch.tensor(sorted(set(labels.tolist()))), sorted(set(folds.tolist()))
    groups = min(MOST_GROUPS, len(classes))
    for number in range(groups if len(classes) > 1 else 0):
        unknown = torch.isin(labels, classes[number::groups])
        held_out = folds == numbers[number % len(numbers)]
        learned = ~unknown & ~held_out
        known = ~unknown & held_out & torch.isin(kinds, kinds[learned])
        if (
            int(learned.sum()) >= FEWEST_IMAGES
            and min(int(known.sum()), int(unknown.sum())) >= FEWEST_LEFT_OUT
        ):
            both = _distances(
                directions[learned], kinds[learned], torch.cat([directions[known], directions[unknown]])
            )
            if bool(both.isfinite().all()):
                count = int(known.sum())
                yield both[:count], both[count:]


def _weights(held_out: Tensor) -> dict[UnknownMethod, Tensor]:
    """The weights [3] of the distances in each method: steps from typical to threshold count alike."""
    steps = _threshold(held_out) - held_out.median(dim=0).values
    if not bool((steps[[0, 2]] > 0).all()):
        return {}
    # There is no doubt where there is one class.
    each = torch.where(steps > 0, 1 / steps, 0.0)
    used: dict[UnknownMethod, tuple[int, int, int]] = {
        "both": (1, 0, 1),
        "both and doubt": (1, 1, 1),
        "mahalanobis": (1, 0, 0),
        "neighbours": (0, 0, 1),
    }
    return {
        name: each * torch.tensor(parts, dtype=torch.float64) / sum(parts)
        for name, parts in used.items()
        if float(steps[1]) > 0 or not parts[1]
    }


def _chosen(
    weights: Mapping[UnknownMethod, Tensor], left_out: list[tuple[Tensor, Tensor]]
) -> tuple[UnknownMethod, float | None]:
    """The method that tells classes that were left out best, and its mean area under the curve.

    It stays with the first, the sum of both distances, unless another is better beyond chance.
    """
    first, *others = weights
    if not left_out:
        return first, None
    areas = {
        name: torch.tensor([_area(known @ own, unknown @ own) for known, unknown in left_out])
        for name, own in weights.items()
    }
    chosen = first
    for name in others:
        gain = areas[name] - areas[first]
        error = float(gain.std()) / math.sqrt(len(gain)) if len(gain) > 1 else math.inf
        if float(gain.mean()) > error and areas[name].mean() > areas[chosen].mean():
            chosen = name
    return chosen, float(areas[chosen].mean())


def _area(known: Tensor, unknown: Tensor) -> float:
    """Share of pairs in which the unknown image has the larger value: the area under the ROC curve."""
    return float((unknown[:, None] > known).double().mean() + (unknown[:, None] == known).double().mean() / 2)


def _threshold(values: Tensor) -> Tensor:
    """The value that `FALSE_ALARMS` of new values like these [N, …] pass at most (split conformal)."""
    rank = math.ceil((len(values) + 1) * (1 - FALSE_ALARMS))
    return values.sort(dim=0).values[min(rank, len(values)) - 1]


def _anchors(held_out: Tensor) -> Tensor:
    """The sums that get 0.1, 0.5 and 0.9: typical, the threshold, and far."""
    typical, threshold = held_out.median(), _threshold(held_out)
    return torch.stack([typical, threshold, threshold + FAR_STEPS * (threshold - typical)])
