"""Heads that learn from fewer images, on made features."""

from __future__ import annotations

import pytest
import torch

from tests.training.head.test_prototypes import CLASSES, made
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.features.table import Features
from tlstudio.training.head import subset_answers as module
from tlstudio.training.head.subset_answers import SHARES, SubsetAnswers, answers_of_subsets


def answers(per_class: int = 20, *, noise: float = 6.0, units=None, **given) -> SubsetAnswers:
    features, labels = made(per_class, noise=noise)
    settings = {"l2": 1e-3, "class_weighting": False, "seed": 0, **given}
    return answers_of_subsets(
        Features.of(features),
        labels,
        units=torch.arange(len(labels)) if units is None else units,
        classes_count=CLASSES,
        **settings,
    )


def test_more_images_give_more_right_answers_and_each_image_is_judged():
    found = answers()
    assert found.sizes.tolist() == pytest.approx([share * 48 for share in SHARES])
    accuracy = found.right.mean(dim=1)
    assert accuracy[0] < accuracy[-1]
    assert not found.right.isnan().any()
    assert found.predicted.sum(dim=1).unique().numel() == 1


def test_a_head_knows_nothing_of_the_unit_that_it_judges():
    """Of twins with different labels each is answered wrongly where the other was learned from."""
    features, labels = made(20, noise=0.1)
    twins, other = features.clone(), (labels + 1) % CLASSES
    both = Features.of(torch.cat([features, twins]))
    units = torch.arange(len(labels)).repeat(2)
    together = answers_of_subsets(
        both, torch.cat([labels, other]), units=units, classes_count=CLASSES, l2=1e-6,
        class_weighting=False, seed=0,
    )  # fmt: skip
    assert together.right[-1].mean() == pytest.approx(0.5, abs=0.1), "the twin tells nothing"


def test_the_same_seed_gives_the_same_answers_and_another_one_others():
    first, again, other = answers(), answers(), answers(seed=1)
    assert torch.equal(first.right, again.right)
    assert not torch.equal(first.right, other.right)


def test_where_it_would_cost_much_fewer_are_judged(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "WORK", 60 * 40 * CLASSES * len(SHARES) * 2.5)
    found = answers()
    share = (~found.right[-1].isnan()).double().mean()
    assert share == pytest.approx(2 / 5, abs=0.05)


def test_weighting_helps_a_rare_class():
    features, labels = made(60, noise=8.0)
    keep = (labels > 0) | (torch.arange(len(labels)) < 24)
    rare = features[keep], labels[keep]

    def recall(weighting: bool) -> float:
        found = answers_of_subsets(
            Features.of(rare[0]), rare[1], units=torch.arange(len(rare[1])), classes_count=CLASSES,
            l2=0.03, class_weighting=weighting, seed=0,
        )  # fmt: skip
        return float(found.right[-1][rare[1] == 0].mean())

    assert recall(True) > recall(False)


def test_it_can_be_cancelled():
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        answers(on_draw=control.check)
