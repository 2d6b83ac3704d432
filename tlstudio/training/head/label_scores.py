"""Scores labels by how well they fit what all other images say, to find those that look wrong.

Two views of a label are joined, neither of which has seen it: the probability that a linear head gives it,
and the vote of its nearest neighbours. Each ranks the images, and the ranks are averaged, weighted by how
well the view predicts labels. The unit of an image (its copies, its group) never has a say.

How many labels are wrong is a number of its own: the labels are taken for draws from the head's
probabilities, but that a share of them was drawn from the other classes; the share with the highest
likelihood is found together with how sure the head may be. Ambiguous images then explain themselves by
probabilities near one half, and only labels that contradict sure probabilities count as wrong. In a second
pass each image speaks for the others only as far as its own label is likely right.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import normalize, one_hot

from tlstudio.compute.device import one_thread
from tlstudio.compute.seeds import generator
from tlstudio.core.control import Control
from tlstudio.evaluation.label_scores import can_be_judged
from tlstudio.training.head.leave_one_out import LeaveOneOut
from tlstudio.training.head.probe import SMALL_PROBLEM

L2_GRID = tuple(10.0 ** (-exponent / 2) for exponent in range(2, 9))
"""Strengths of the regularisation: 0.1 … 1e-4 per image, for features of mean squared length 1."""
FACTORS = torch.logspace(-0.5, 2, 61, dtype=torch.float64)
"""Factors from what a head predicts to logits."""
RATES = torch.cat([torch.zeros(1), torch.logspace(-3, -0.3, 40)]).double()
"""Shares of wrong labels that are tried, 0 … 0.5."""
NEIGHBOURS = 10
MOST_VOTERS = 10_000
"""Images of which each may be a neighbour; more are drawn from."""
DROP_95, DROP_99 = 1.92, 2.71
"""Fall of the log-likelihood at the ends of a 95 % interval, and that chance exceeds once in a hundred where
the share can only be 0 or more (half of a chi-squared distribution with one degree of freedom)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelScores:
    """Scores of N labels.

    Attributes:
        plausibility: How well a label fits, a weighted mean of ranks: float64 [N], from 0, the worst, to 1;
            1 where it cannot be judged.
        suggestions: The class that fits best: int64 [N].
        wrong: Probability that a label is wrong: float64 [N].
        rate: Share of labels that are wrong, as estimated.
        interval: 95 % interval of the share.
        is_shown: Whether some wrong labels are needed to explain what was seen (99 %).
        judged: Whether a label could be judged: bool [N].
    """

    plausibility: Tensor
    suggestions: Tensor
    wrong: Tensor
    rate: float
    interval: tuple[float, float]
    is_shown: bool
    judged: Tensor

    def order(self) -> list[int]:
        """Indices of the labels that could be judged, the worst first."""
        worst_first = torch.argsort(self.plausibility, stable=True).tolist()
        return [index for index in worst_first if self.judged[index]]


def score_labels(
    features: Tensor, labels: Tensor, *, units: Sequence[int], classes_count: int, seed: int, control: Control
) -> LabelScores:
    """Score labels by the features of their images.

    Args:
        features: Float [N, F] of a backbone that has not learned from these labels.
        labels: int64 [N].
        units: Unit of each image, numbered from 0.
        classes_count: K, at least 2.
        seed: Draws voters from many images.
        control: Checked once per strength of the regularisation.

    Raises:
        Cancelled: The person cancelled.
    """
    small = features.numel() <= SMALL_PROBLEM
    judged = torch.tensor(can_be_judged(labels.tolist(), units=units))
    with one_thread() if small else nullcontext():
        left_out = LeaveOneOut(features, units=units)
        targets = one_hot(labels, classes_count).double()
        first, noise = _probabilities(left_out, targets, labels, judged, control=control)
        wrong = torch.where(judged, _wrong(first, labels, rate=noise.rate), 0.0)
        believed = (1 - wrong[:, None]) * targets + wrong[:, None] * first
        second, _ = _probabilities(left_out, believed, labels, judged, control=control)
        votes = _votes(features, believed, units=units, seed=seed, control=control)
    confidence = second.gather(1, labels[:, None])[:, 0]
    weighted, weights = torch.zeros(len(labels), dtype=torch.float64), 0.0
    for view, plausible in ((second, confidence), (votes, _margin(votes, labels))):
        weight = _weight(view[judged], labels[judged])
        weighted += weight * _ranks(plausible, judged)
        weights += weight
    return LabelScores(
        plausibility=torch.where(judged, weighted / max(weights, 1e-12), 1.0),
        suggestions=second.argmax(dim=1),
        wrong=torch.where(judged, _wrong(second, labels, rate=noise.rate), 0.0),
        rate=noise.rate,
        interval=noise.interval,
        is_shown=noise.is_shown,
        judged=judged,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Noise:
    """The likeliest share of wrong labels, with the factor of the logits that goes with it."""

    log_likelihood: float
    factor: float
    rate: float
    interval: tuple[float, float]
    is_shown: bool


def _probabilities(
    left_out: LeaveOneOut, targets: Tensor, labels: Tensor, judged: Tensor, *, control: Control
) -> tuple[Tensor, _Noise]:
    """Probabilities [N, K] of heads that have not seen the image, with the best strength of all."""
    best: tuple[Tensor, _Noise] | None = None
    for l2 in L2_GRID:
        control.check()
        predictions = left_out.predictions(targets, l2=l2)
        noise = _noise(predictions[judged], labels[judged])
        if best is None or noise.log_likelihood > best[1].log_likelihood:
            best = predictions, noise
    assert best is not None
    return (best[1].factor * best[0]).softmax(dim=1), best[1]


def _wrong(probabilities: Tensor, labels: Tensor, *, rate: float) -> Tensor:
    """Probability that each label was drawn from the other classes, as a share of them was: float64 [N]."""
    own = probabilities.gather(1, labels[:, None])[:, 0]
    by_mistake = rate * (1 - own) / (probabilities.shape[1] - 1)
    return by_mistake / ((1 - rate) * own + by_mistake).clamp_min(1e-300)


def _noise(predictions: Tensor, labels: Tensor) -> _Noise:
    """Estimate the share of wrong labels by the predictions [N, K] of heads that have not seen them."""
    classes_count = predictions.shape[1]
    log_likelihoods = torch.empty(len(FACTORS), len(RATES), dtype=torch.float64)
    for row, factor in enumerate(FACTORS):
        own = (factor * predictions).softmax(dim=1).gather(1, labels[:, None])
        mixed = (1 - RATES) * own + RATES * (1 - own) / (classes_count - 1)
        log_likelihoods[row] = mixed.clamp_min(1e-300).log().sum(dim=0)
    of_rate = log_likelihoods.max(dim=0).values
    best = int(of_rate.argmax())
    within = RATES[of_rate >= of_rate[best] - DROP_95]
    return _Noise(
        log_likelihood=float(of_rate[best]),
        factor=float(FACTORS[log_likelihoods[:, best].argmax()]),
        rate=float(RATES[best]),
        interval=(float(within[0]), float(within[-1])),
        is_shown=bool(of_rate[best] - of_rate[0] > DROP_99),
    )


def _votes(
    features: Tensor, believed: Tensor, *, units: Sequence[int], seed: int, control: Control
) -> Tensor:
    """Share of each class among the nearest neighbours of other units, by their cosine: float64 [N, K]."""
    directions = normalize(features.float() - features.float().mean(dim=0), dim=1)
    number = len(believed)
    voters = torch.randperm(number, generator=generator(seed, "voters"))[:MOST_VOTERS].sort().values
    unit = torch.tensor(units, dtype=torch.int64)
    votes = torch.zeros_like(believed)
    for start in range(0, number, 1024):
        control.check()
        rows = slice(start, start + 1024)
        similar = directions[rows] @ directions[voters].T
        similar[unit[rows, None] == unit[voters][None]] = -1
        nearest = similar.topk(min(NEIGHBOURS, len(voters)), dim=1)
        weights = nearest.values.double().clamp_min(1e-3)
        weights[nearest.values <= -1] = 0  # of its own unit
        votes[rows] = (weights[:, :, None] * believed[voters][nearest.indices]).sum(dim=1)
    return votes / votes.sum(dim=1, keepdim=True).clamp_min(1e-12)


def _margin(view: Tensor, labels: Tensor) -> Tensor:
    """By how much a view prefers the label to the best other class: float64 [N]."""
    own = view.gather(1, labels[:, None])[:, 0]
    others = view.scatter(1, labels[:, None], -torch.inf).max(dim=1).values
    return own - others


def _ranks(values: Tensor, judged: Tensor) -> Tensor:
    """Ranks of the judged values from 0 to 1, equal ones sharing theirs: float64 [N], others 1."""
    ranks = torch.ones(len(values), dtype=torch.float64)
    chosen = values[judged]
    ordered = chosen.sort().values
    below = torch.searchsorted(ordered, chosen, side="left")
    up_to = torch.searchsorted(ordered, chosen, side="right")
    ranks[judged] = (below + up_to).double() / 2 / max(len(chosen), 1)
    return ranks


def _weight(view: Tensor, labels: Tensor) -> float:
    """The weight of a view: the odds that it predicts a label rightly, above those of guessing."""
    right = float((_margin(view, labels) > 0).sum())
    odds = (right + 0.5) / (len(labels) - right + 0.5)
    return max(odds - 1 / (view.shape[1] - 1), 1e-3)
