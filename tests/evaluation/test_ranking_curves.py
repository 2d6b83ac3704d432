"""ROC and precision–recall curves, against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from tlstudio.evaluation.predictions import Predictions
from tlstudio.evaluation.ranking_curves import precision_recall_curves, roc_curves


def drawn(seed: int, *, n: int = 80, skill: float = 1.5, steps: int | None = None) -> Predictions:
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 3, n)
    logits = rng.normal(size=(n, 3)) + skill * np.eye(3)[true]
    if steps is not None:  # equal probabilities are frequent then
        logits = np.round(logits * steps) / steps
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return Predictions(
        paths=tuple(map(str, range(n))),
        classes=("a", "b", "c"),
        probabilities=probabilities,
        true_indices=true,
    )


@given(st.integers(0, 10_000), st.sampled_from([None, 1, 2]))
def test_areas_are_those_of_scikit_learn(seed, steps):
    part = drawn(seed, steps=steps)
    for label, (roc, ranked) in enumerate(zip(roc_curves(part), precision_recall_curves(part), strict=True)):
        is_class, scores = part.true_indices == label, part.probabilities[:, label]
        assert roc.n == ranked.n == is_class.sum()
        if roc.area is None:
            assert roc.n < 10
            continue
        assert roc.area == pytest.approx(roc_auc_score(is_class, scores))
        assert ranked.area == pytest.approx(average_precision_score(is_class, scores))
        for curve in (roc, ranked):
            assert 0 <= curve.low <= curve.area <= curve.high <= 1
            assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in curve.points)
        assert (roc.points[0], roc.points[-1]) == ((0, 0), (1, 1))


def test_the_interval_of_the_area_holds_the_truth_about_as_often_as_it_says():
    truth = roc_curves(drawn(0, n=60_000))[0].area
    curves = [roc_curves(drawn(seed, n=90))[0] for seed in range(1, 301)]
    assert np.mean([curve.low <= truth <= curve.high for curve in curves]) == pytest.approx(0.95, abs=0.04)


def test_of_few_images_no_area_is_told_and_unlabelled_ones_do_not_count():
    part = drawn(0, n=40)
    true = np.where((part.true_indices == 0) & (np.arange(40) > 8), -1, part.true_indices)
    few = Predictions(
        paths=part.paths, classes=part.classes, probabilities=part.probabilities, true_indices=true
    )
    first = roc_curves(few)[0]
    assert first.area is None
    assert first.points == ()
    assert first.n + first.others == (true >= 0).sum()


def test_nine_thousand_images_of_a_hundred_classes_give_short_curves():
    rng = np.random.default_rng(0)
    part = Predictions(
        paths=tuple(map(str, range(9000))),
        classes=tuple(map(str, range(100))),
        probabilities=rng.dirichlet(np.ones(100), 9000),
        true_indices=rng.integers(0, 100, 9000),
    )
    assert max(len(curve.points) for curve in roc_curves(part)) <= 200
