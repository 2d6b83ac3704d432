"""The head behind suggestions."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.head.test_probe import blobs
from tlstudio.labelling.head import ANSWERED_UP_TO, fit_head


def made(n: int, *, noise: float = 2.0, seed: int = 0, size: int = 30) -> tuple[np.ndarray, np.ndarray]:
    features, labels = blobs(n, size=size, classes_count=3, noise=noise, seed=seed)
    return features.numpy(), labels.numpy()


def test_it_answers_new_images_and_knows_about_how_often_it_is_right():
    head = fit_head(*made(60), classes_count=3)
    features, labels = made(600, seed=1)
    right = float((head.probabilities(features).argmax(axis=1) == labels).mean())
    assert right > 0.8
    found = head.accuracy()
    assert found is not None
    assert head.held_out == 60
    assert found[1].low <= right <= found[1].high


def test_its_probabilities_are_about_as_often_right_as_they_say():
    head = fit_head(*made(90, noise=4.0), classes_count=3)
    features, labels = made(900, noise=4.0, seed=1)
    probabilities = head.probabilities(features)
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)
    right = (probabilities.argmax(axis=1) == labels).mean()
    assert probabilities.max(axis=1).mean() == pytest.approx(right, abs=0.12)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=2, max_size=30), st.integers(0, 1000))
def test_any_labels_of_two_classes_have_a_head(labels: list[int], seed: int):
    labels[:2] = [0, 3]
    features = np.random.default_rng(seed).normal(size=(len(labels), 6)).astype(np.float32)
    head = fit_head(features, np.array(labels), classes_count=5)
    probabilities = head.probabilities(features)
    assert np.isfinite(probabilities).all()
    assert head.right <= head.held_out <= len(labels)
    if len(labels) == 2:
        assert head.accuracy() is None


def test_random_labels_are_answered_as_often_as_by_guessing():
    features, _ = made(120)
    labels = np.random.default_rng(0).integers(0, 3, 120)
    found = fit_head(features, labels, classes_count=3).accuracy()
    assert found is not None
    assert found[1].low < 1 / 3 < found[1].high


def test_many_labels_take_a_moment():
    features, labels = made(ANSWERED_UP_TO + 1, size=1280)
    fit_head(features[:10], labels[:10], classes_count=3)
    began = time.process_time()
    head = fit_head(features, labels, classes_count=3)
    head.probabilities(features)
    assert time.process_time() - began < 2  # it takes a tenth of that
    assert head.held_out < len(labels)


def test_shots_of_one_thing_are_held_out_together():
    # Each image is there twice, with a label that says nothing: only its twin could give it away.
    features = np.repeat(np.random.default_rng(0).normal(size=(60, 200)).astype(np.float32), 2, axis=0)
    labels = np.repeat(np.arange(60) % 3, 2)
    alone = fit_head(features, labels, classes_count=3).accuracy()
    together = fit_head(
        features, labels, classes_count=3, units=np.repeat(np.arange(60), 2).tolist()
    ).accuracy()
    assert alone is not None
    assert together is not None
    assert alone[0] > 0.6
    assert together[1].low < 1 / 3 < together[1].high
