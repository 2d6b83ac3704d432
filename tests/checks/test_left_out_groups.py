"""A last layer without each group of images in turn."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

from tlstudio.checks.left_out_groups import STRENGTHS, leave_groups_out
from tlstudio.core.control import Control

LABELS = np.arange(120) % 3
PLACES = np.arange(120) // 3 % 4
"""Four groups of 30 images, with as many of each class."""


def features(*, seed: int, of_group: float = 0.0) -> NDArray[np.float32]:
    """Classes at three places in eight directions, moved for each class and group alike."""
    random = np.random.default_rng(seed)
    centres, moved = random.normal(size=(3, 8)), of_group * random.normal(size=(3, 4, 8))
    noise = random.normal(size=(120, 8))
    return (centres[LABELS] + moved[LABELS, PLACES] + 0.7 * noise).astype(np.float32)


def left_out(values: NDArray[np.float32], labels=LABELS, groups=PLACES):
    return leave_groups_out(values, labels, groups, control=Control())


def test_answers_equal_those_of_layers_fitted_without_the_group():
    values = features(seed=0)
    found = left_out(values)
    assert found is not None
    scaled = values.astype(np.float64) - values.mean(axis=0, dtype=np.float64)
    scaled /= np.sqrt((scaled**2).sum(axis=1).mean())
    wanted = np.eye(3)[LABELS]

    def right(strength: float) -> NDArray[np.bool_]:
        answers = np.zeros((120, 3))
        for place in range(4):
            rest = place != PLACES
            ridge = Ridge(alpha=120 * strength).fit(scaled[rest], wanted[rest])
            answers[~rest] = ridge.predict(scaled[~rest])
        return answers.argmax(axis=1) == LABELS

    assert any(np.array_equal(right(strength), found.right) for strength in STRENGTHS)


@pytest.mark.parametrize("seed", range(3))
def test_groups_that_look_different_are_answered_worse_when_they_are_new(seed: int):
    found = left_out(features(seed=seed, of_group=1.2))
    assert found is not None
    assert found.right.mean() < found.known.mean() - 0.1
    assert found.p_value <= 0.01


def test_random_groups_raise_hardly_any_alarm():
    alarms = 0
    for seed in range(40):
        groups = np.random.default_rng(seed).permutation(PLACES)
        found = left_out(features(seed=seed % 5), groups=groups)
        assert found is not None
        alarms += found.p_value <= 0.01
    assert alarms <= 2


@pytest.mark.parametrize("seed", range(3))
def test_a_group_with_shuffled_labels_is_the_worst(seed: int):
    labels = LABELS.copy()
    inside = PLACES == 2
    labels[inside] = np.random.default_rng(seed).permutation(labels[inside])
    found = left_out(features(seed=seed), labels)
    assert found is not None
    shares = [found.right[found.group == place].mean() for place in range(4)]
    assert int(np.argmin(shares)) == 2
    assert shares[2] < 0.6


def test_classes_of_one_group_do_not_count():
    groups = np.where(LABELS == 0, 0, PLACES)
    found = left_out(features(seed=0), groups=groups)
    assert found is not None
    assert len(found.right) == 80
    assert left_out(features(seed=0), groups=LABELS) is None
