"""Figures with the digits that are known."""

import pytest

from tlstudio.core.rough import roughly


@pytest.mark.parametrize(
    ("value", "text"),
    [(84.2, "80"), (172.0, "150"), (13.7, "15"), (8.25, "8"), (0.43, "0.4"), (9.7, "10"), (0, "0")],
)
def test_a_figure_is_rounded_to_what_is_known(value, text):
    assert roughly(value) == text
