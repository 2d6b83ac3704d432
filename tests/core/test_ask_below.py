"""Thresholds of a label column and of its classes."""

from __future__ import annotations

import pytest

from tlstudio.core.ask_below import AskBelow


def test_a_class_without_its_own_threshold_follows_the_overall_one():
    below = AskBelow(0.9, {"glass": 0.6})
    assert (below.of("glass"), below.of("metal")) == (0.6, 0.9)


@pytest.mark.parametrize("below", [AskBelow(1.1), AskBelow(-0.1), AskBelow(0.5, {"a": 1.5})])
def test_what_is_no_probability_is_refused(below):
    with pytest.raises(ValueError, match="threshold"):
        below.check()
    AskBelow(1.0, {"a": 0.0}).check()
