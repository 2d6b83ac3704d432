"""The training images that have most to do with a prediction: similar ones, and those that pulled it there.

A linear head that was fitted by logistic regression is a sum over its training images: the weights of a class
are the features of the images, each times what the head still lacks for its label (Yeh et al. 2018,
arXiv:1811.09720). So the logit of any image is a sum of one pull per training image: how like it is, times
how much that image still draws the head. How well the sum gives the head's logits is measured on the training
images themselves; where it does not, the head was made in another way, and no pull can be told.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import normalize, one_hot

EXPLAINED = 0.8
"""Least share of the variance of the head's logits that the pulls must explain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulls:
    """The pull of each training image on a prediction.

    Attributes:
        values: By how much each raises the logit of one class above that of another: float64 [N].
        explained: Share of the variance of the training images' logits that such sums explain.
    """

    values: Tensor
    explained: float

    @property
    def are_sound(self) -> bool:
        """True if the head is the sum of its training images, so that pulls say something."""
        return self.explained >= EXPLAINED


def similarities(features: Tensor, feature: Tensor) -> Tensor:
    """Cosine of an image's features [F] and those of others [N, F], from their mean: float32 [N]."""
    mean = features.mean(dim=0)
    return normalize(features - mean, dim=1) @ normalize(feature - mean, dim=0)


def pulls(
    features: Tensor,
    labels: Tensor,
    feature: Tensor,
    *,
    weight: Tensor,
    bias: Tensor,
    image_weights: Tensor | None = None,
    toward: int,
    against: int,
) -> Pulls:
    """Compute the pull of each training image on a prediction, towards one class and away from another.

    Args:
        features: Of the N training images: float [N, F].
        labels: int64 [N].
        feature: Of the predicted image: float [F].
        weight: Of the linear head: float [K, F].
        bias: Of the linear head: float [K].
        image_weights: How much each training image counted, float64 [N]; None where all counted alike.
        toward: Index of the class that it was pulled to.
        against: Index of the class that it is compared with.
    """
    x, weight = features.double(), weight.double()
    mean = x.mean(dim=0)
    x, given = x - mean, feature.double() - mean
    lacking = one_hot(labels, len(weight)).double() - (features.double() @ weight.T + bias).softmax(dim=1)
    if image_weights is not None:
        lacking *= image_weights[:, None]
    made = lacking.T @ x  # what the weights are, up to the regularisation
    own = weight - weight.mean(dim=0)  # a softmax does not see what all classes share
    made = made - made.mean(dim=0)
    expected, found = x @ own.T, x @ made.T
    scale = (expected * found).sum() / found.square().sum().clamp_min(1e-300)
    total = expected.square().sum().clamp_min(1e-300)
    explained = 1 - float((expected - scale * found).square().sum() / total)
    values = scale * (lacking[:, toward] - lacking[:, against]) * (x @ given)
    return Pulls(values=values, explained=explained)
