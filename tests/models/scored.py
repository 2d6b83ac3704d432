"""Classifiers that say how unlike some images are which they were not taught."""

from __future__ import annotations

import copy

import torch
from torch import Tensor

from tlstudio.core.answer_rules import UnknownRecord
from tlstudio.data.preprocessing import normalise
from tlstudio.models.classifier import Classifier
from tlstudio.models.stages import Backbone
from tlstudio.models.twin_stages import stages_from
from tlstudio.models.unknown import UnknownScorer
from tlstudio.training.unknown.distances import directions_of, fit_mahalanobis, fit_neighbours


def with_score(
    classifier: Classifier,
    images: Tensor,
    *,
    before: Backbone | None = None,
    first_trained: str = "",
    by_classes: bool = True,
) -> Classifier:
    """A copy with an unknown score that differs from image to image.

    Args:
        classifier: In eval mode.
        images: uint8 [N, 3, S, S]; the first half is taught.
        before: The backbone before the training; None where no stage was trained.
        first_trained: The first stage that was.
        by_classes: Also by the distance to the nearest class, and the doubt between classes.
    """
    made = copy.deepcopy(classifier)
    with torch.no_grad():
        features = (before or made.backbone).eval()(normalise(images, made.preprocessing))
    directions = directions_of(features)
    taught = directions[: len(images) // 2]
    by_class = fit_mahalanobis(taught, torch.arange(len(taught)) % 3) if by_classes else None
    near = fit_neighbours(taught)
    weights = torch.tensor([1.0, 0.1, 40.0] if by_class is not None else [40.0])
    parts = [*([by_class.with_doubt] if by_class is not None else []), near]
    sums = (torch.cat([part(directions.float()) for part in parts], dim=1) * weights).sum(dim=1)
    anchors = sums.quantile(torch.tensor([0.2, 0.5, 0.8]))
    made.set_unknown(
        UnknownScorer(mahalanobis=by_class, neighbours=near, weights=weights, anchors=anchors),
        record=UnknownRecord(method="both and doubt" if by_classes else "neighbours", images=len(taught)),
        untrained=stages_from(before, first_trained) if before is not None else None,
    )
    return made.eval()
