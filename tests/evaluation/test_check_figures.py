"""How far figures of check images can be trusted."""

from __future__ import annotations

from tlstudio.evaluation.check_figures import check_figures_words


def test_of_images_that_were_learned_from_both_directions_are_said():
    words = check_figures_words(learned=True)
    assert "had not seen" in words
    assert "too good" in words
    assert "better" in words


def test_others_are_called_too_good_where_something_was_chosen_by_them():
    assert "may have been chosen" in check_figures_words(learned=False)
