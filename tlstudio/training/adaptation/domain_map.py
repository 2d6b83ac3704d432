"""A map of two domains: their images on the plane in which they differ most among each other."""

from __future__ import annotations

import torch
from torch import Tensor

from tlstudio.compute.seeds import generator
from tlstudio.core.events import DomainMap, MapPanel
from tlstudio.evaluation.two_sample import Difference
from tlstudio.training.adaptation.domains import Domains, Standardisation

MOST_POINTS = 200
"""Points of each domain; more hide each other."""
DIGITS = 3


def map_of(domains: Domains, *, before: Difference, after: Difference, run_id: str) -> DomainMap:
    """Make the map of two domains as they are, and with each standardised.

    Args:
        domains: With at least one image each.
        before: How different they are.
        after: How different they are once each is standardised.
        run_id: Written into the event.
    """
    random = generator(domains.seed, "domain map")
    parts = (domains.source, domains.target)
    drawn = [torch.randperm(len(part), generator=random)[:MOST_POINTS] for part in parts]
    source, target = (part[rows] for part, rows in zip(parts, drawn, strict=True))
    standardised = [
        Standardisation.of(part).apply(part[rows]) for part, rows in zip(parts, drawn, strict=True)
    ]
    return DomainMap(
        run_id=run_id,
        before=_panel(source, target, found=before),
        after=_panel(*standardised, found=after),
    )


def _panel(source: Tensor, target: Tensor, *, found: Difference) -> MapPanel:
    points = [
        (round(x, DIGITS), round(y, DIGITS))
        for x, y in _principal_plane(torch.cat([source, target])).tolist()
    ]
    here, there = tuple(points[: len(source)]), tuple(points[len(source) :])
    return MapPanel(here=here, there=there, told_apart=found.accuracy, interval=found.interval.pair)


def _principal_plane(features: Tensor) -> Tensor:
    """Coordinates on the first two principal axes, from -1 to 1: float64 [N, 2]."""
    centred = features.double() - features.double().mean(dim=0)
    axes, sizes, _ = torch.linalg.svd(centred, full_matrices=False)
    plane = torch.zeros(len(features), 2, dtype=torch.float64)
    found = min(2, len(sizes))
    plane[:, :found] = axes[:, :found] * sizes[:found]
    # The sign of an axis is arbitrary: the point farthest out lies on its positive side.
    farthest = plane.gather(0, plane.abs().argmax(dim=0, keepdim=True))
    plane = plane * torch.where(farthest < 0, -1.0, 1.0)
    return plane / plane.abs().max().clamp_min(1e-12)
