"""Images that are unlike all others, by their features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding, MendAction
from tlstudio.core.wording import count
from tlstudio.data.units import unit_numbers
from tlstudio.specs.checks.outliers import SPEC

FEWEST, MOST = 40, 20_000
"""Images from which it can be said how they usually are, and up to which it takes seconds."""
FOLDS = 5
FAR = 4.5
"""Spreads of the logarithm of the distance above its median. In eight sets one image reaches it: a picture
that says “image not found”; of the others the farthest reaches 3.9."""
LEAST_SPREAD = 0.1
"""Spread of the logarithm of the distance below which it says nothing; in eight sets it is 0.15 to 0.44."""
Values = NDArray[np.float64]


class Outliers:
    """Measures how far each image is from those that had no part in the measure."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        images = evidence.dataset.images
        of_copies = np.array(unit_numbers([replace(image, group=None) for image in images]))
        _, different = np.unique(of_copies, return_index=True)  # one of each cluster of copies
        if len(different) < FEWEST or len(images) > MOST:
            message = f"Unusual images are looked for among {FEWEST} different ones and more, up to {MOST}."
            return [Finding(check=SPEC.id, severity="note", message=message)]
        features = evidence.features(control=control)
        far = _how_far(
            features.values.astype(np.float64),
            units=np.array(unit_numbers(images)),
            different=different,
            control=control,
        )
        order = [int(row) for row in np.argsort(-far) if far[row] >= FAR]
        if not order:
            return [Finding(check=SPEC.id, severity="ok", message="No image is unlike all others.")]
        paths = tuple(features.paths[row] for row in order)
        return [
            Finding(
                check=SPEC.id,
                severity="warning",
                message=f"{count(len(paths), 'image is', plural='images are')} unlike all others.",
                meaning="Such an image may not belong here, or may show a rare case that needs more "
                "examples. What else does not belong here can look more usual than this.",
                mend="Look, the most unusual first, and leave out what does not belong here.",
                numbers={"images": len(paths), "n": len(images)},
                paths=paths,
                action=MendAction(
                    kind="leave-out", words=f"Leave out {count(len(paths), 'image')}", paths=paths
                ),
            )
        ]


def _how_far(
    features: Values, *, units: NDArray[np.int64], different: NDArray[np.int64], control: Control
) -> Values:
    """Distance of each image from others, in spreads above the median: [N].

    Args:
        features: [N, F].
        units: Related images are measured together, so that they do not vouch for each other.
        different: Rows of the images by which others are measured: copies would make one picture the usual.
        control: Checked once per fold.
    """
    values = np.sign(features) * np.sqrt(np.abs(features))  # a few strong features would outweigh all others
    values /= np.linalg.norm(values, axis=1, keepdims=True) + 1e-12
    fold_of = np.random.default_rng(0).permutation(units.max() + 1) % FOLDS
    folds = fold_of[units]
    distances = np.zeros(len(values))
    is_measure = np.zeros(len(values), dtype=bool)
    is_measure[different] = True
    for fold in range(FOLDS):
        control.check()
        inside = folds == fold
        others = ~inside & is_measure
        if inside.any() and others.any():
            distances[inside] = _distances(values[inside], values[others])
    logarithms = np.log(distances + 1e-12)
    middle = np.median(logarithms[different])
    spread = max(1.4826 * float(np.median(np.abs(logarithms[different] - middle))), LEAST_SPREAD)
    far: Values = (logarithms - middle) / spread
    return far


def _distances(values: Values, others: Values) -> Values:
    """Squared distances [N] from the mean of others [M, F], in their spread, made rounder by its mean."""
    centre = others.mean(axis=0)
    spread = others - centre
    if spread.shape[0] >= spread.shape[1]:
        variances, axes = np.linalg.eigh(spread.T @ spread / len(spread))
    else:  # the smaller of two matrices with the same eigenvalues
        variances, vectors = np.linalg.eigh(spread @ spread.T / len(spread))
        kept = variances > 1e-12 * max(float(variances[-1]), 1e-300)
        variances = variances[kept]
        axes = spread.T @ vectors[:, kept] / np.sqrt(variances * len(spread))
    everywhere = float(variances.sum()) / min(spread.shape) + 1e-12
    moved = values - centre
    along = (moved @ axes) ** 2
    rest = np.maximum((moved**2).sum(axis=1) - along.sum(axis=1), 0)
    distances: Values = (along / (np.maximum(variances, 0) + everywhere)).sum(axis=1) + rest / everywhere
    return distances


IMPLEMENTATION = Outliers()
