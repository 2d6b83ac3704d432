"""Prototypes: a head for few images, between the centres of the classes and a ridge regression.

Features are centred at the mean of the class means and brought to length one; a ridge regression onto the
classes, in which all classes count the same, gives one direction per class. Its strength goes from a plain
ridge regression (weak) to the plain centres of the classes (strong). At strength 1, the square of a feature's
own length, one image is shrunk by half and many images hardly, so the number of images sets the blend by
itself. Another strength is taken only where leaving out one image of each class in turn shows it to be better
beyond chance: with a few dozen images the best of several by a few right answers is a draw.

A new image's feature is centred, too, but not brought to length one: its length changes how sure the answer
is, not which class has the largest score, because no class has a bias of its own. So the result is a plain
linear head.

How sure the head is, its temperature, is the one with the best log loss on left-out images. Few images say
little about it, and none where each class has one image, so the temperature is drawn to one by which an image
exactly like a class's own gets 90 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import torch
from torch import Tensor

from tlstudio.evaluation.objective import ONE_CLASS_EACH
from tlstudio.training.head.temperature import factor_for
from tlstudio.training.trials.comparison import compare

STRENGTHS = (1000.0, 10.0, 3.0, 1.0, 0.3, 0.1)
"""The strongest gives the centres of the classes."""
USUAL = STRENGTHS.index(1.0)
MOST_PARTS = 20
"""Most parts of a class, each left out in turn; with more images several are left out together."""
SURE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Directions:
    """One direction per class and strength, for raw features.

    Attributes:
        centre: float64 [F], the mean of the class means.
        length: Root mean square distance of the images from it.
        weights: float64 [S, K, F]; zero for a class without images.
    """

    centre: Tensor
    length: Tensor
    weights: Tensor

    def scores(self, features: Tensor) -> Tensor:
        """Scores [S, N, K] of raw features [N, F]."""
        return ((features.double() - self.centre) / self.length) @ self.weights.transpose(1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prototypes:
    """Heads for all strengths, of which one is chosen.

    Attributes:
        weights: float32 [S, K, F].
        biases: float32 [S, K].
        chosen: Index of the strength that is the result.
        left_out: Logits float64 [S, M, K] of the images that could be left out: those of classes with other
            images to learn from.
        left_out_labels: int64 [M].
        left_out_from: Images per class that they were learned from, in the mean; 0 where M is.
    """

    weights: Tensor
    biases: Tensor
    chosen: int
    left_out: Tensor
    left_out_labels: Tensor
    left_out_from: float


def find_directions(
    features: Tensor, labels: Tensor, *, classes_count: int, strengths: Sequence[float] = STRENGTHS
) -> Directions:
    """Solve the ridge regression for all strengths at once.

    Args:
        features: float64 [N, F], N at least 1.
        labels: int64 [N].
        classes_count: K.
        strengths: S of them.
    """
    counts = labels.bincount(minlength=classes_count)
    present = counts > 0
    # Each class counts the same; the weights sum to N.
    weights = len(labels) / (counts[labels] * present.sum()).double()
    centre = (weights / len(labels)) @ features
    centred = features - centre
    lengths = centred.norm(dim=1, keepdim=True)
    length = lengths.square().mean().sqrt().clamp_min(1e-12)
    roots = weights.sqrt()[:, None]
    x = roots * centred / lengths.clamp_min(1e-6 * length)
    onto = torch.nn.functional.one_hot(labels, classes_count).double() - present / present.sum()
    y = roots * onto
    if len(x) <= x.shape[1]:
        found = _ridge(x @ x.T, y, strengths).transpose(1, 2) @ x
    else:
        found = _ridge(x.T @ x, x.T @ y, strengths).transpose(1, 2)
    return Directions(centre=centre, length=length, weights=found * present[:, None])


def _ridge(products: Tensor, onto: Tensor, strengths: Sequence[float]) -> Tensor:
    """Solve (P + s) w = y for each of S strengths: [S, M, K] of P [M, M] and y [M, K]."""
    if len(strengths) == 1:  # a tenth of the time of the axes, which all strengths share
        diagonal = strengths[0] * torch.eye(len(products), dtype=products.dtype)
        solved: Tensor = torch.linalg.solve(products + diagonal, onto)[None]
        return solved
    squares, axes = torch.linalg.eigh(products)
    strength = torch.tensor(strengths, dtype=torch.float64)[:, None, None]
    along: Tensor = axes @ ((axes.T @ onto) / (squares.clamp_min(0)[:, None] + strength))
    return along


def fit_prototypes(
    features: Tensor, plain: Tensor, labels: Tensor, *, units: Sequence[int], classes_count: int
) -> Prototypes:
    """Find the head for few images.

    Args:
        features: float [N, F] to learn from, means over the views of an image.
        plain: float [N, F] of the plain images, which are predicted when they are left out.
        labels: int64 [N].
        units: Unit of each image; those of one unit are left out together.
        classes_count: K.
    """
    features, plain = features.double(), plain.double()
    found = find_directions(features, labels, classes_count=classes_count)
    left_out, left_out_labels, left_out_from = _left_out(
        features, plain, labels, units=units, classes_count=classes_count
    )
    own = found.scores(plain)
    heads = []
    for number in range(len(STRENGTHS)):
        usual = usual_factor(own[number], labels)
        heads.append(usual * factor_for(usual * left_out[number], left_out_labels))
    sharp = torch.stack(heads)[:, None, None]
    weights = sharp * found.weights / found.length
    return Prototypes(
        weights=weights.float(),
        biases=-(weights @ found.centre).float(),
        chosen=_choose(left_out, left_out_labels),
        left_out=sharp * left_out,
        left_out_labels=left_out_labels,
        left_out_from=left_out_from,
    )


def _left_out(
    features: Tensor, plain: Tensor, labels: Tensor, *, units: Sequence[int], classes_count: int
) -> tuple[Tensor, Tensor, float]:
    """Scores [S, M, K] of images by directions found without them, their labels [M], and images per class."""
    part_of, learned = _parts(labels, units), 0.0
    scores, kept = [features.new_zeros(len(STRENGTHS), 0, classes_count)], [labels[:0]]
    for part in sorted(set(part_of.tolist())):
        held_out = part_of == part
        rest = labels[~held_out]
        held_out = held_out & torch.isin(labels, rest)
        if not held_out.any() or len(set(rest.tolist())) < 2:
            continue
        found = find_directions(features[part_of != part], rest, classes_count=classes_count)
        scores.append(found.scores(plain[held_out]))
        kept.append(labels[held_out])
        learned += int(held_out.sum()) * len(rest) / len(set(rest.tolist()))
    every = torch.cat(kept)
    return torch.cat(scores, dim=1), every, learned / max(1, len(every))


def _parts(labels: Tensor, units: Sequence[int]) -> Tensor:
    """The part in which each image is left out [N]: one image of every class at a time.

    Leaving out one image alone would leave its class with fewer images than the others, and in many
    dimensions a centre of fewer images lies farther from every new image: the left-out one would seem to be
    of another class.
    """
    part_of_unit: dict[int, int] = {}
    used: dict[int, int] = {}
    for label, unit in zip(labels.tolist(), units, strict=True):
        if unit not in part_of_unit:
            part_of_unit[unit] = used.get(label, 0) % MOST_PARTS
            used[label] = used.get(label, 0) + 1
    return torch.tensor([part_of_unit[unit] for unit in units], dtype=torch.int64)


def _choose(left_out: Tensor, labels: Tensor) -> int:
    """Index of the usual strength, or of one that is better beyond chance."""
    if not len(labels):
        return USUAL
    correct = torch.stack([ONE_CLASS_EACH.decide(scores) == labels for scores in left_out])
    best = max(range(len(STRENGTHS)), key=lambda number: (int(correct[number].sum()), number == USUAL))
    return best if compare(correct[best], correct[USUAL]).is_gain else USUAL


def usual_factor(own: Tensor, labels: Tensor) -> Tensor:
    """The factor by which an image like a class's own gets the probability `SURE`; of scores [N, K]."""
    classes = own.shape[1]
    of_class = own.gather(1, labels[:, None])[:, 0]
    others = (own.sum(dim=1) - of_class) / max(classes - 1, 1)
    gap = (of_class - others).mean().clamp_min(1e-6)
    return log(SURE / (1 - SURE) * max(classes - 1, 1)) / gap
