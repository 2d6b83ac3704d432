"""Which images are to be labelled next."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.labelling.test_head import made
from tlstudio.labelling import next_images
from tlstudio.labelling.head import LabellingHead, fit_head
from tlstudio.labelling.next_images import FEW_PER_CLASS, useful_images


def choose(features, labels, *, number: int, near=None, seed: int = 0) -> list[int]:
    known = labels >= 0
    head: LabellingHead | None = None
    if len(np.unique(labels[known])) > 1:
        head = fit_head(features[known], labels[known], classes_count=int(labels.max()) + 1)
    near = near or [None] * len(labels)
    return useful_images(features, labels, near=near, head=head, number=number, seed=seed).tolist()


def test_the_first_ones_show_every_class():
    features, classes = made(150, noise=0.5)
    chosen = choose(features, np.full(150, -1), number=3)
    assert sorted(classes[chosen]) == [0, 1, 2]


def test_a_cluster_that_has_a_label_needs_no_other():
    features, classes = made(150, noise=0.5)
    labels = np.full(150, -1)
    labels[:2] = classes[:2]  # of the classes 0 and 1
    assert classes[choose(features, labels, number=1)].tolist() == [2]


def test_later_ones_are_those_that_it_is_least_sure_of():
    features, classes = made(200, noise=3.0)
    labels = np.full(200, -1)
    labels[: 3 * FEW_PER_CLASS] = classes[: 3 * FEW_PER_CLASS]
    chosen = choose(features, labels, number=8)
    known = labels >= 0
    head = fit_head(features[known], labels[known], classes_count=3)
    ordered = np.sort(head.probabilities(features), axis=1)
    margin = ordered[:, -1] - ordered[:, -2]
    assert margin[chosen].mean() < margin[~known].mean() / 2
    assert margin[chosen].tolist() == sorted(margin[chosen])


def test_near_duplicates_of_what_has_a_label_or_is_chosen_come_last():
    features, _ = made(40)
    near: list[str | None] = ["a"] * 20 + ["b"] * 19 + [None]
    labels = np.full(40, -1)
    labels[0] = 0
    assert sorted(choose(features, labels, number=2, near=near)) == [20, 39]
    chosen = choose(features, labels, number=10, near=near)
    assert len(chosen) == 10
    assert sorted(chosen[:2]) == [20, 39]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(-1, 2), min_size=1, max_size=60),
    st.integers(1, 20),
    st.integers(0, 1000),
    st.booleans(),
)
def test_images_without_a_label_are_chosen_each_once(labels, number, seed, are_equal):
    values = np.array(labels)
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(1 if are_equal else len(labels), 5)).astype(np.float32)
    features = np.broadcast_to(features, (len(labels), 5)).copy()
    chosen = choose(features, values, number=number, seed=seed)
    assert len(chosen) == len(set(chosen)) == min(number, int((values < 0).sum()))
    assert (values[chosen] < 0).all()
    assert chosen == choose(features, values, number=number, seed=seed)


def test_of_many_images_a_sample_is_clustered(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(next_images, "MOST_CLUSTERED", 50)
    features, classes = made(600, noise=0.5)
    assert sorted(classes[choose(features, np.full(600, -1), number=3)]) == [0, 1, 2]
