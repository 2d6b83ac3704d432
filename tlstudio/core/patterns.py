"""Searches texts for a pattern that a person wrote, and never longer than a moment."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence

LIMIT_SECONDS = 2.0
FEW_REPETITIONS = 2
"""Signs of repetition with which a pattern without repeated brackets is always quick on paths."""
_REPEATED_BRACKETS = re.compile(r"\)[*+{]")
_REPETITIONS = re.compile(r"[*+{]")
_PROGRAM = """
import json, re, sys
pattern, texts = json.load(sys.stdin)
group = 1 if re.compile(pattern).groups else 0
matches = (re.search(pattern, text) for text in texts)
json.dump([match[group] if match else None for match in matches], sys.stdout)
"""


class SlowPatternError(Exception):
    """Searching takes too long: the pattern repeats what it repeats already, or has many repetitions."""


def find_in_all(
    pattern: str, texts: Sequence[str], *, limit_seconds: float | None = None
) -> list[str | None]:
    """Search each text for a pattern.

    Python cannot interrupt a search, and some patterns need years for a text of 40 letters. A process of
    their own searches for those that could.

    Args:
        pattern: A regular expression.
        texts: To search, such as paths.
        limit_seconds: For all texts together; None for the usual one.

    Returns:
        For each text the first capture group of the pattern, or the whole match when it has none; None where
        there is no match, or the group has no part in it.

    Raises:
        re.error: It is no regular expression.
        SlowPatternError: It took too long.
    """
    compiled = re.compile(pattern)
    if not _REPEATED_BRACKETS.search(pattern) and len(_REPETITIONS.findall(pattern)) <= FEW_REPETITIONS:
        matches = (compiled.search(text) for text in texts)
        return [match[1 if compiled.groups else 0] if match else None for match in matches]
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _PROGRAM],
            input=json.dumps([pattern, list(texts)]),
            capture_output=True,
            text=True,
            timeout=limit_seconds or LIMIT_SECONDS,
            check=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except subprocess.TimeoutExpired:
        raise SlowPatternError(pattern) from None
    found: list[str | None] = json.loads(done.stdout)
    return found
