"""Pairs of classes that are mixed up, and the order that brings them together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tlstudio.evaluation.confusions import confused_pairs, order_by_confusion, reordered

MATRIX = (
    (9, 0, 0, 1),
    (0, 5, 3, 0),
    (0, 4, 6, 0),
    (1, 0, 0, 2),
)


def squares(most: int = 6) -> st.SearchStrategy[list[list[int]]]:
    return st.integers(1, most).flatmap(
        lambda size: st.lists(
            st.lists(st.integers(0, 5), min_size=size, max_size=size), min_size=size, max_size=size
        )
    )


def test_the_fullest_cells_come_first_and_then_the_larger_share():
    pairs = [(pair.true, pair.predicted, pair.images, pair.n) for pair in confused_pairs(MATRIX)]
    assert pairs == [(2, 1, 4, 10), (1, 2, 3, 8), (3, 0, 1, 3), (0, 3, 1, 10)]
    assert confused_pairs(((3, 0), (0, 4))) == ()


def test_classes_that_are_mixed_up_stand_side_by_side():
    assert order_by_confusion(MATRIX) == (1, 2, 0, 3)
    assert order_by_confusion(()) == ()


@given(squares())
def test_every_class_keeps_its_images_in_another_order(confusion):
    order = order_by_confusion(confusion)
    assert sorted(order) == list(range(len(confusion)))
    moved = reordered(confusion, order)
    for row, true in enumerate(order):
        for column, predicted in enumerate(order):
            assert moved[row][column] == confusion[true][predicted]


@given(squares())
def test_the_pairs_hold_every_mistake_once(confusion):
    pairs = confused_pairs(confusion)
    total = sum(map(sum, confusion)) - sum(row[index] for index, row in enumerate(confusion))
    assert sum(pair.images for pair in pairs) == total
    assert len({(pair.true, pair.predicted) for pair in pairs}) == len(pairs)
