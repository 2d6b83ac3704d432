"""The order of epochs."""

from __future__ import annotations

from tlstudio.core.ranking import rank_of


def test_accuracy_ranks_first_and_log_loss_breaks_ties():
    ranks = [rank_of(0.9, 0.9), rank_of(0.9, 0.2), rank_of(0.95, 3.0), rank_of(None, None)]
    assert sorted(range(4), key=lambda place: ranks[place]) == [3, 0, 1, 2]
