"""Asks what gives a class away without a look at what an image shows: its rim alone, its background.

What images show is seldom told by their rim alone, and rarely better than by their middle; so the rim counts
where it tells a class clearly better than the middle does. Textures and scenes, which fill an image, then
raise no alarm. Where a whole class is darker or more blurred, the middle is as well as the rim; so brightness
and sharpness of the rim by themselves count from a higher limit on. All limits stand here; how they were set
says docs/adr/0050.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import rankdata
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, unfold

from tlstudio.checks.appearance import LUMA

CELLS = 8
"""Cells along a side of an image; those at its edge are its rim, the inner half of them its middle."""
FEWEST = 20
"""Images of a class below which too little is known: with 12 an AUC of 0.9 may be luck."""
BY_RIM = 0.9
"""Least AUC (share of pairs of an image of the class and another that are told apart) by the rim."""
BEYOND_MIDDLE = 0.05
"""Least difference to the AUC by the middle, beside `DEVIATIONS` standard errors of it."""
DEVIATIONS = 2.0
BY_ONE_PROPERTY = 0.985
"""Least AUC by brightness or sharpness of the rim alone."""
OF_CLASSIFIER = 0.8
"""Least part of what the classifier reaches beyond chance that a give-away alone must reach."""
STRENGTHS = (0.03, 0.3, 3.0)
"""Regularisation of the guesses, of which the best is taken."""
TO_LOG = 1e-3
"""Added before a logarithm is taken."""

Cue = Literal["rim", "middle", "brightness", "sharpness"]
PROPERTIES: tuple[Cue, ...] = ("brightness", "sharpness")


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveAway:
    """Something that gives a class away.

    Attributes:
        label: Index of the class.
        cue: What does.
        guessed: AUC of guesses by it, each made without the image and its copies.
        by_middle: AUC by the middle of the images; None where it is not compared with.
        more: Whether images of the class have more of a property than the others.
    """

    label: int
    cue: Cue
    guessed: float
    by_middle: float | None = None
    more: bool = False


def measure_cues(pixels: Tensor, overviews: NDArray[np.float32]) -> Mapping[Cue, Tensor]:
    """Describe each cue of images by a few numbers, which do not say where in the rim or middle something is.

    Args:
        pixels: uint8 [N, 3, S, S].
        overviews: Of the same images, see `overviews_of`.

    Returns:
        float64 [N, F] for each cue.
    """
    colours = torch.from_numpy(overviews).permute(0, 3, 1, 2)
    luma = _luma(colours)
    side = luma.shape[-1] // CELLS
    contrast = unfold(luma, kernel_size=side, stride=side).std(dim=1, correction=0)
    edges = torch.cat([_edges(part) for part in torch.split(pixels, 32)])
    cells = torch.cat(
        [adaptive_avg_pool2d(colours, CELLS).flatten(2), contrast[:, None], edges], dim=1
    ).double()
    rim = cells[:, :, _rim().flatten()]
    brightness = torch.tensordot(torch.tensor(LUMA, dtype=torch.float64), rim[:, :3], dims=([0], [1]))
    edges_of_rim = (rim[:, 4] + TO_LOG).log().mean(dim=1)
    contrast_of_rim = (rim[:, 3] + TO_LOG).log().mean(dim=1)
    cells[:, 4] = (cells[:, 4] + TO_LOG).log()
    return {
        "rim": _summary(cells[:, :, _rim().flatten()]),
        "middle": _summary(cells[:, :, _middle().flatten()]),
        "brightness": torch.stack([brightness.mean(dim=1), brightness.std(dim=1)], dim=1),
        "sharpness": torch.stack([edges_of_rim - contrast_of_rim, contrast_of_rim], dim=1),
    }


def find_give_aways(
    cues: Mapping[Cue, Tensor],
    labels: NDArray[np.int64],
    *,
    units: Sequence[int],
    reached: Mapping[int, float],
) -> list[GiveAway]:
    """Find what gives classes away, at most one thing for each, that which tells most first.

    Args:
        cues: See `measure_cues`.
        labels: Index of the class of each image: [N].
        units: Unit of each image; those of one have no part in guesses about each other.
        reached: AUC that the classifier reaches, by class, as far as known.
    """
    classes, targets = np.unique(labels, return_inverse=True)
    scores = {cue: guesses(table, targets, units=units).numpy() for cue, table in cues.items()}
    found = []
    for column, label in enumerate(classes.tolist()):
        inside = labels == label
        if inside.sum() < FEWEST:
            continue
        guessed = {cue: auc(of_cue[:, column], inside) for cue, of_cue in scores.items()}
        beyond = BEYOND_MIDDLE + DEVIATIONS * _standard_error(guessed["middle"], inside)
        needed = 0.5 + OF_CLASSIFIER * (reached.get(label, 1.0) - 0.5)
        if guessed["rim"] >= max(BY_RIM, needed) and guessed["rim"] - guessed["middle"] >= beyond:
            found.append(
                GiveAway(label=label, cue="rim", guessed=guessed["rim"], by_middle=guessed["middle"])
            )
            continue
        cue = max(PROPERTIES, key=guessed.__getitem__)
        if guessed[cue] >= max(BY_ONE_PROPERTY, needed):
            more = _has_more(cues[cue], inside)
            found.append(GiveAway(label=label, cue=cue, guessed=guessed[cue], more=more))
    return sorted(found, key=lambda one: -one.guessed)


def guesses(table: Tensor, targets: NDArray[np.int64], *, units: Sequence[int]) -> Tensor:
    """Guess the class of each image from those of other units, by kernel ridge regression in closed form.

    Args:
        table: float64 [N, F].
        targets: Class of each image, from 0: [N].
        units: Of each image.

    Returns:
        float64 [N, K]: the larger, the more like the class.
    """
    wanted = torch.nn.functional.one_hot(torch.from_numpy(targets)).double()
    centred = wanted - wanted.mean(dim=0)
    scaled = (table - table.mean(dim=0)) / table.std(dim=0).clamp_min(1e-9)
    apart = torch.cdist(scaled, scaled).square()
    kernel = (-apart / apart.median().clamp_min(1e-9)).exp()
    rows: dict[int, list[int]] = defaultdict(list)
    for row, unit in enumerate(units):
        rows[unit].append(row)
    shared = [torch.tensor(of_unit) for of_unit in rows.values() if len(of_unit) > 1]
    best, least = centred, float("inf")
    for strength in STRENGTHS:
        inverse = torch.cholesky_inverse(torch.linalg.cholesky(kernel + strength * torch.eye(len(kernel))))
        weights = inverse @ centred
        residuals = weights / inverse.diagonal()[:, None]
        for part in shared:
            residuals[part] = torch.linalg.solve(inverse[part][:, part], weights[part])
        error = float(residuals.square().sum())
        if error < least:
            best, least = centred - residuals, error
    return best


def auc(scores: NDArray[np.float64], inside: NDArray[np.bool_]) -> float:
    """The area under the ROC curve: share of pairs in which the one inside has the larger score."""
    count = int(inside.sum())
    others = len(inside) - count
    if not count or not others:
        return 0.5
    ranks = float(rankdata(scores)[inside].sum())
    return (ranks - count * (count + 1) / 2) / (count * others)


def rim_pixels(size: int) -> Tensor:
    """The pixels of a square image that belong to its rim: bool [size, size]."""
    index = torch.arange(size) * CELLS // size
    return _rim()[index][:, index]


def _standard_error(area: float, inside: NDArray[np.bool_]) -> float:
    """Standard error of an AUC.

    After Hanley and McNeil 1982, "The meaning and use of the area under a receiver operating characteristic
    (ROC) curve".
    """
    count, others = int(inside.sum()), int((~inside).sum())
    first, second = area / (2 - area), 2 * area * area / (1 + area)
    variance = area * (1 - area) + (count - 1) * (first - area * area) + (others - 1) * (second - area * area)
    return sqrt(max(variance, 0.0) / max(count * others, 1))


def _has_more(table: Tensor, inside: NDArray[np.bool_]) -> bool:
    chosen = torch.from_numpy(inside)
    return bool(table[chosen, 0].median() > table[~chosen, 0].median())


def _luma(images: Tensor) -> Tensor:
    """The brightness of float [N, 3, S, S]: [N, 1, S, S]."""
    luma: Tensor = torch.tensordot(images, torch.tensor(LUMA), dims=([1], [0]))[:, None]
    return luma


def _edges(pixels: Tensor) -> Tensor:
    """The mean difference of pixels of uint8 [N, 3, S, S] to their neighbours, by cell: [N, 1, CELLS²]."""
    luma = _luma(pixels.float() / 255)
    around = (luma[..., :-2, 1:-1] + luma[..., 2:, 1:-1] + luma[..., 1:-1, :-2] + luma[..., 1:-1, 2:]) / 4
    return adaptive_avg_pool2d((luma[..., 1:-1, 1:-1] - around).abs(), CELLS).flatten(2)


def _summary(cells: Tensor) -> Tensor:
    """Mean, spread and quantiles over cells of [N, F, C]: [N, 5 F]."""
    levels = torch.tensor([0.1, 0.5, 0.9], dtype=cells.dtype)
    quantiles = torch.quantile(cells, levels, dim=2)
    return torch.cat([cells.mean(dim=2), cells.std(dim=2), *quantiles], dim=1)


def _rim() -> Tensor:
    rim = torch.ones(CELLS, CELLS, dtype=torch.bool)
    rim[1:-1, 1:-1] = False
    return rim


def _middle() -> Tensor:
    middle = torch.zeros(CELLS, CELLS, dtype=torch.bool)
    quarter = CELLS // 4
    middle[quarter:-quarter, quarter:-quarter] = True
    return middle
