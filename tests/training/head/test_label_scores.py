"""Scores of labels: planted mistakes come first, and sound labels are left alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from torch import Tensor
from torch.nn.functional import one_hot

from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.training.head import label_scores
from tlstudio.training.head.label_scores import LabelScores, score_labels

CLASSES = 4


def clouds(*, apart: float, number: int = 200, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Features of images of four classes around four centres, and their true labels."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(number) % CLASSES
    centres = torch.nn.functional.normalize(torch.randn(CLASSES, 24, generator=generator), dim=1)
    return apart * centres[labels] + torch.randn(number, 24, generator=generator), labels


def flipped(labels: Tensor, *, share: float = 0.05, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Labels of which some name another class, and which these are: bool [N]."""
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.randperm(len(labels), generator=generator)[: round(share * len(labels))]
    wrong, is_wrong = labels.clone(), torch.zeros(len(labels), dtype=torch.bool)
    wrong[chosen] = (
        labels[chosen] + torch.randint(1, CLASSES, (len(chosen),), generator=generator)
    ) % CLASSES
    is_wrong[chosen] = True
    return wrong, is_wrong


def score(features: Tensor, labels: Tensor, *, units: list[int] | None = None) -> LabelScores:
    """Score labels of images that have nothing to do with each other."""
    units = units or list(range(len(labels)))
    return score_labels(features, labels, units=units, classes_count=CLASSES, seed=0, control=Control())


def found_in_first_tenth(order: list[int], is_wrong: Tensor) -> float:
    """Share of the wrong labels among the first tenth of a list."""
    return float(is_wrong[order[: len(order) // 10]].sum() / is_wrong.sum())


@pytest.mark.parametrize("seed", range(3))
def test_planted_mistakes_come_first_and_are_named_and_counted(seed: int):
    features, labels = clouds(apart=6, seed=seed)
    wrong, is_wrong = flipped(labels, seed=seed)
    scores = score(features, wrong)
    assert found_in_first_tenth(scores.order(), is_wrong) == 1
    assert (scores.suggestions[is_wrong] == labels[is_wrong]).all()
    assert ((scores.wrong > 0.5) == is_wrong).float().mean() > 0.97
    assert scores.is_shown
    assert scores.interval[0] <= 0.05 <= scores.interval[1]


@pytest.mark.parametrize("apart", [0, 2.5, 4, 8], ids=["noise", "hard", "usual", "easy"])
def test_sound_labels_are_left_alone_however_hard_the_classes_are(apart: float):
    shown = [score(*clouds(apart=apart, seed=seed)).is_shown for seed in range(5)]
    assert sum(shown) <= 1


def test_it_finds_as_many_as_the_confidence_of_a_cross_validated_head_by_scikit_learn():
    ours, oracle = [], []
    for seed in range(3):
        features, labels = clouds(apart=4, seed=seed)
        wrong, is_wrong = flipped(labels, seed=seed)
        ours.append(found_in_first_tenth(score(features, wrong).order(), is_wrong))
        probabilities = cross_val_predict(
            LogisticRegression(max_iter=1000), features.numpy(), wrong.numpy(), method="predict_proba"
        )
        confidence = probabilities[np.arange(len(wrong)), wrong.numpy()]
        oracle.append(found_in_first_tenth(confidence.argsort().tolist(), is_wrong))
    assert sum(ours) >= sum(oracle)


def test_the_vote_is_that_of_the_nearest_neighbours_without_the_image_itself():
    features, labels = clouds(apart=4, number=40)
    votes = label_scores._votes(
        features, one_hot(labels, CLASSES).double(), units=list(range(40)), seed=0, control=Control()
    )
    directions = torch.nn.functional.normalize(features - features.mean(dim=0), dim=1).numpy()
    for row in range(40):
        others = np.arange(40) != row
        neighbours = KNeighborsClassifier(
            10, metric="cosine", algorithm="brute", weights=lambda far: np.clip(1 - far, 1e-3, None)
        ).fit(directions[others], labels.numpy()[others])
        expected = neighbours.predict_proba(directions[row : row + 1])[0]
        assert votes[row].tolist() == pytest.approx(expected.tolist(), abs=1e-4)


def test_copies_of_an_image_do_not_vouch_for_its_label():
    features, labels = clouds(apart=3)
    labels[0] = 1
    features, labels = (
        torch.cat([features, features[:1].repeat(9, 1)]),
        torch.cat([labels, labels[:1].repeat(9)]),
    )
    together = score(features, labels, units=[*range(200), *[0] * 9])
    assert together.wrong[0] > 0.9
    assert set(together.order()[:10]) == {0, *range(200, 209)}
    alone = score(features, labels)
    assert alone.wrong[0] < 0.1


def test_a_class_of_two_images_is_not_judged():
    features, labels = clouds(apart=6)
    labels = torch.where(labels == 3, 0, labels)
    labels[:2] = 3
    scores = score(features, labels)
    assert not scores.judged[:2].any()
    assert len(scores.order()) == 198
    assert scores.wrong[:2].tolist() == [0, 0]


def test_of_many_images_some_vote(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(label_scores, "MOST_VOTERS", 60)
    features, labels = clouds(apart=6)
    wrong, is_wrong = flipped(labels)
    assert found_in_first_tenth(score(features, wrong).order(), is_wrong) == 1


def test_it_can_be_cancelled():
    control = Control()
    control.cancel()
    features, labels = clouds(apart=6, number=40)
    with pytest.raises(Cancelled):
        score_labels(features, labels, units=list(range(40)), classes_count=CLASSES, seed=0, control=control)
