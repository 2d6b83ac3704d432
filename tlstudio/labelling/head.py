"""The head behind suggestions: fitted to the labelled images in a moment, with how often it is right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from tlstudio.compute.device import one_thread
from tlstudio.core.types import Interval
from tlstudio.evaluation.intervals import wilson
from tlstudio.evaluation.objective import ONE_CLASS_EACH
from tlstudio.training.head.prototypes import find_directions, usual_factor
from tlstudio.training.head.temperature import factor_for

STRENGTHS = (1.0,)
"""Of the ridge regression: the usual one of the head for few images."""
PARTS = 5
"""Parts of the labelled images, each answered by a head that was not fitted to it."""
ANSWERED_UP_TO = 400
"""Labelled images up to which all parts are held out in turn; of more, one part says enough."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabellingHead:
    """A linear head on raw features.

    Attributes:
        weight: float32 [K, F].
        bias: float32 [K].
        right: Held-out labelled images that it answered as their label says.
        held_out: Labelled images that were held out; 0 where there were too few.
    """

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    right: int
    held_out: int

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probabilities of the classes for images: float32 [N, K].

        Args:
            features: float32 [N, F].
        """
        logits = torch.from_numpy(features @ self.weight.T + self.bias)
        found: NDArray[np.float32] = ONE_CLASS_EACH.probabilities(logits).numpy()
        return found

    def accuracy(self) -> tuple[float, Interval] | None:
        """Share of held-out images that it answers rightly, with its 95 % interval; None without any."""
        if not self.held_out:
            return None
        return self.right / self.held_out, wilson(self.right, self.held_out)


def fit_head(
    features: NDArray[np.float32],
    labels: NDArray[np.int64],
    *,
    classes_count: int,
    units: Sequence[int] | None = None,
    seed: int = 0,
) -> LabellingHead:
    """Fit a head to labelled images: a ridge regression onto the classes, all of which count the same.

    How sure it is comes from held-out images.

    Args:
        features: float32 [N, F] of the labelled images.
        labels: int64 [N], of at least two classes.
        classes_count: K.
        units: Unit of each image, see `unit_numbers`; those of one are held out together. None: each alone.
        seed: Draws the parts that are held out.
    """
    known, wanted = torch.from_numpy(features).double(), torch.from_numpy(labels)
    part_of = _parts(labels, range(len(labels)) if units is None else units, seed=seed)
    parts = range(PARTS) if len(labels) <= ANSWERED_UP_TO else range(1)
    scores, answered = [known.new_zeros(0, classes_count)], [wanted[:0]]
    with one_thread():
        found = find_directions(known, wanted, classes_count=classes_count, strengths=STRENGTHS)
        for part in parts:
            is_out = part_of == part
            rest = wanted[~is_out]
            is_out &= torch.isin(wanted, rest)  # nothing is known of a class without other images
            if len(set(rest.tolist())) < 2 or not is_out.any():
                continue
            without = find_directions(
                known[part_of != part], rest, classes_count=classes_count, strengths=STRENGTHS
            )
            scores.append(without.scores(known[is_out])[0])
            answered.append(wanted[is_out])
    held_out, labels_of = torch.cat(scores), torch.cat(answered)
    factor = usual_factor(found.scores(known)[0], wanted)
    factor *= float(factor_for(factor * held_out, labels_of))
    weight = factor * found.weights[0] / found.length
    return LabellingHead(
        weight=weight.float().numpy(),
        bias=(-(weight @ found.centre)).float().numpy(),
        right=int((ONE_CLASS_EACH.decide(held_out) == labels_of).sum()),
        held_out=len(labels_of),
    )


def _parts(labels: NDArray[np.int64], units: Sequence[int], *, seed: int) -> torch.Tensor:
    """The part in which each image is held out [N]; each has its share of every class; units stay whole."""
    part_of_unit: dict[int, int] = {}
    used: Counter[int] = Counter()
    for row in np.random.default_rng(seed).permutation(len(labels)).tolist():
        if units[row] not in part_of_unit:
            label = int(labels[row])
            part_of_unit[units[row]] = used[label] % PARTS
            used[label] += 1
    return torch.tensor([part_of_unit[unit] for unit in units])
