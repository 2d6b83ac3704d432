"""Decides whether unlabelled images show the classes at all, or come from another world.

Along the directions that divide the classes, images of these classes spread more than images of one class do;
images of another world spread along them as along any directions. What "any" is, directions of shuffled
labels tell: a permutation test. The spread within a class is the measure, so that classes that lie far apart
do not make all else look spread. Where a domain shift has turned the directions themselves, that cannot be
seen; then images count as kin which, each set by its own standard, are at least half as similar to their
neighbours in the other set as to those in their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from tlstudio.compute.seeds import generator
from tlstudio.training.adaptation.domains import Domains, Standardisation
from tlstudio.training.adaptation.ridge import ridge_scores

SHUFFLES = 199
SIGNIFICANT = 0.05
NEIGHBOURS = 3
KIN = 0.5
MOST_IMAGES = 1000
"""Most images of each domain; the kernels of more would take long and show no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinship:
    """Kinship of unlabelled images with the classes.

    Attributes:
        p: How often shuffled labels show as much spread as the classes do, a fraction.
        similarity: To neighbours in the other set, relative to those in the own set.
    """

    p: float
    similarity: float

    @property
    def is_shown(self) -> bool:
        """True if the unlabelled images can be images of these classes."""
        return self.p < SIGNIFICANT or self.similarity >= KIN


def kinship_of(domains: Domains) -> Kinship:
    """Compare the target with the classes of the source."""
    random = generator(domains.seed, "kinship")
    chosen = torch.randperm(len(domains.source), generator=random)[:MOST_IMAGES]
    others = torch.randperm(len(domains.target), generator=random)[:MOST_IMAGES]
    source, labels = domains.source[chosen], domains.labels[chosen]
    source = source / _within_classes(source, labels, domains.classes_count).sqrt().clamp_min(1e-6)
    source = source - source.mean(dim=0)
    target = domains.target[others]
    target = Standardisation.of(target).apply(target)
    shuffled = [labels[torch.randperm(len(labels), generator=random)] for _ in range(SHUFFLES)]
    scores = ridge_scores(
        source,
        target,
        torch.stack([labels, *shuffled]),
        classes_count=domains.classes_count,
        seed=domains.seed,
    )
    there = scores.target.var(dim=1, correction=0).sum(dim=1)
    by_image = scores.source.transpose(0, 1)
    within = _within_classes(by_image, labels, domains.classes_count).sum(dim=1).clamp_min(1e-12)
    spread = there / within
    as_large = int((spread[1:] >= spread[0]).sum())
    return Kinship(
        p=(as_large + 1) / (SHUFFLES + 1),
        similarity=_similarity(domains.source[chosen], domains.target[others]),
    )


def _within_classes(values: Tensor, labels: Tensor, classes_count: int) -> Tensor:
    """Variance […] of values [N, …] around the mean of their class."""
    counts = torch.bincount(labels, minlength=classes_count).clamp_min(1)
    sums = values.new_zeros(classes_count, *values.shape[1:]).index_add_(0, labels, values)
    means = sums / counts.view(-1, *[1] * (values.ndim - 1))
    return (values - means[labels]).square().mean(dim=0)


def _similarity(first: Tensor, second: Tensor) -> float:
    """Mean cosine to the nearest in the other set, relative to the own set; of equally many images."""
    count = min(len(first), len(second))
    if count <= NEIGHBOURS:
        return 0.0
    first, second = (
        functional.normalize(Standardisation.of(part).apply(part)[:count]) for part in (first, second)
    )
    itself = 2 * torch.eye(count)

    def nearest(cosines: Tensor) -> Tensor:
        return cosines.topk(NEIGHBOURS, dim=1).values.mean().clamp_min(1e-6)

    own = (nearest(first @ first.T - itself) * nearest(second @ second.T - itself)).sqrt()
    return float(nearest(second @ first.T) / own)
