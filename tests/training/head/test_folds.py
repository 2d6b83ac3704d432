"""Folds keep copies and groups on one side and spread the classes."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tlstudio.features.images import RunImage
from tlstudio.training.head.folds import folds_of

images = st.lists(
    st.builds(
        lambda number, sha, label, group: (sha, label, group),
        st.integers(),
        st.integers(0, 20),
        st.integers(0, 3),
        st.none() | st.integers(0, 5),
    ),
    min_size=1,
    max_size=60,
)


def made(values) -> list[RunImage]:
    return [
        RunImage(path=str(n), file=Path(str(n)), sha256=f"s{sha}", label=label, group=group and f"g{group}")
        for n, (sha, label, group) in enumerate(values)
    ]


@given(images, st.integers(2, 5), st.integers(0, 9))
def test_copies_and_groups_share_a_fold(values, count, seed):
    given_images = made(values)
    folds = folds_of(given_images, count=count, seed=seed).tolist()
    assert len(folds) == len(given_images)
    assert set(folds) <= set(range(count))
    for one, fold in zip(given_images, folds, strict=True):
        for other, other_fold in zip(given_images, folds, strict=True):
            if one.sha256 == other.sha256 or (one.group and one.group == other.group):
                assert fold == other_fold
    assert folds == folds_of(given_images, count=count, seed=seed).tolist()


def test_every_class_is_spread_evenly_and_the_seed_matters():
    given_images = made([(number, number % 3, None) for number in range(60)])
    folds = folds_of(given_images, count=5, seed=1)
    for label in range(3):
        counts = [sum(int(folds[n]) == f for n in range(60) if n % 3 == label) for f in range(5)]
        assert max(counts) - min(counts) <= 1
    assert folds.tolist() != folds_of(given_images, count=5, seed=2).tolist()
