"""The sentences about the kept epoch, held against the figures of any run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gui.made_runs import epoch_event
from tlstudio.core.ranking import rank_of
from tlstudio.evaluation.intervals import within_chance
from tlstudio.project.history import RunHistory
from tlstudio.report.kept_epoch import kept_words

N = 24
RESULTS = st.lists(st.tuples(st.integers(0, N), st.floats(0.1, 3.0)), min_size=1, max_size=8)


def history_of(results: list[tuple[int, float]], *, keeps: str) -> RunHistory:
    """A run as the loop emits it: right validation images and loss of each epoch, the start first."""
    history, kept = RunHistory(), 0
    for number, (right, loss) in enumerate(results):
        ranks = [rank_of(count / N, other) for count, other in results[: number + 1]]
        kept = number if keeps == "last" else ranks.index(max(ranks))
        event = epoch_event(number, epochs=len(results) - 1, best=kept)
        history.add(replace(event, validation_accuracy=right / N, validation_loss=loss, validation_n=N))
    return history


@given(results=RESULTS, keeps=st.sampled_from(["best", "last"]))
def test_every_claim_is_true_of_the_figures(results: list[tuple[int, float]], keeps: str):
    words = kept_words(history_of(results, keeps=keeps))
    ranks = [rank_of(right / N, loss) for right, loss in results]
    last = len(results) - 1
    kept = last if keeps == "last" else ranks.index(max(ranks))
    best = max(ranks)
    named = f"epoch, {kept}," if "The last epoch" in words else f"poch {kept}" if kept else "The start"
    assert named in words
    assert ("The last epoch" in words) == (kept == last > 0 and (keeps == "last" or ranks[kept] == best))
    claims_best = "best on the check images" in words or "no epoch was better" in words
    assert claims_best == (ranks[kept] == best and last > 0)
    rivals = [number for number, rank in enumerate(ranks) if rank == best]
    if "more check images right" in words:
        assert results[rivals[0]][0] > results[kept][0]
        by_chance = within_chance(results[rivals[0]][0] / N, results[kept][0] / N, n=N)
        assert ("no more than chance" in words) == by_chance
        assert f"{100 * results[kept][0] / N:.1f} %" in words
    if "as many check images right" in words:
        assert results[rivals[0]][0] == results[kept][0]
        assert results[rivals[0]][1] < results[kept][1]


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_the_setting_that_was_chosen_is_named(kept: int):
    settings = [replace(epoch_event(n, best=min(n, kept)), axis="setting") for n in range(1, 5)]
    assert kept_words(RunHistory(settings)).startswith(f"Setting {kept} of 4 did best")
    assert kept_words(RunHistory(settings[:1])) == "", "with one setting nothing was chosen"


def test_without_validation_nothing_is_called_the_best():
    blind = [
        replace(epoch_event(n), validation_accuracy=None, validation_loss=None, validation_n=0)
        for n in range(4)
    ]
    words = kept_words(RunHistory(blind))
    assert words == "There were no images to compare epochs by; the last epoch, 3, is kept."


def test_before_the_first_epoch_there_is_nothing_to_say():
    assert kept_words(RunHistory()) == ""


def test_a_setting_that_did_better_on_the_check_images_alone_is_named_too():
    made = [(1, 10), (2, 16), (3, 12)]
    settings = [
        replace(
            epoch_event(number, best=number),
            axis="setting",
            validation_accuracy=right / N,
            validation_loss=1.0,
            validation_n=N,
        )
        for number, right in made
    ]
    assert kept_words(RunHistory(settings)).endswith(
        "and is kept. On the check images alone setting 2 was right more often (66.7 % against 50.0 % of "
        "24), no more than chance explains."
    )
    assert "alone" not in kept_words(RunHistory(settings[:2]))
