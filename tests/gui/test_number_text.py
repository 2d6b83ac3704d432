"""Numbers as a person reads them."""

from __future__ import annotations

import pytest

from tlstudio.gui.number_text import backbone_title, duration, grouped, memory, percent_interval


def test_counts_have_narrow_spaces_between_thousands():
    assert (grouped(999), grouped(1234567)) == ("999", "1\u202f234\u202f567")


def test_interval():
    assert percent_interval((0.83, 0.98)) == "83–98"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "0 s"), (22, "22 s"), (200, "3 min 20 s"), (1500, "25 min"), (3900, "1 h 5 min"), (-1, "0 s")],
)
def test_duration(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(1000, "1.0 kB"), (13_500_000, "13.5 MB"), (800_000_000, "800 MB"), (1_100_000_000, "1.1 GB")],
)
def test_memory(count, text):
    assert memory(count) == text


def test_backbones_by_their_title():
    assert backbone_title("efficientnet_lite0") == "EfficientNet-Lite0"
    assert backbone_title("some_other_timm_name") == "some_other_timm_name"
