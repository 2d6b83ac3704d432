"""Patterns of people are searched for, and never for long."""

from __future__ import annotations

import re
import time

import pytest

from tlstudio.core.patterns import SlowPatternError, find_in_all

PATHS = ("a/b/p1_x.jpg", "a/p2_y.jpg", "caf\udce9/none.jpg")


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("p[0-9]", ["p1", "p2", None]),
        ("(p[0-9])_x|y", ["p1", None, None]),
        ("(?:[^/]+/)+(p[0-9])_", ["p1", "p2", None]),
        ("(?:[^/]+/)+", ["a/b/", "a/", "caf\udce9/"]),
    ],
)
def test_the_first_group_or_the_whole_match_is_found(pattern: str, found: list[str | None]):
    assert find_in_all(pattern, PATHS) == found


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(?:a*)*b", ".*.*.*.*.*.*.*=$"])
def test_patterns_that_never_end_are_given_up(pattern: str):
    started = time.monotonic()
    with pytest.raises(SlowPatternError):
        find_in_all(pattern, ["a" * 2000 + "!"], limit_seconds=0.3)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("pattern", ["(", "(a)+("])
def test_what_is_no_pattern_is_an_error(pattern: str):
    with pytest.raises(re.error):
        find_in_all(pattern, PATHS)
