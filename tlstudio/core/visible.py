"""Makes text of unknown origin, such as names of files, safe to print on a terminal."""

from __future__ import annotations

import unicodedata

_ESCAPED = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Categories of characters that are escaped: control characters, halves of surrogates, line separators."""
_TURNS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the direction of writing, which can make a name look like another."""

LONGEST = 1200
"""Characters of a message; more than a sentence of ours ever has, whose end, too, is worth reading."""


def visible(text: str, *, keep: str = "") -> str:
    r"""Escape characters that a terminal would obey instead of showing, as `\x1b`.

    Args:
        text: Any text.
        keep: Characters that stay as they are, such as line ends.
    """
    return "".join(
        character if character in keep or not _is_escaped(character) else repr(character)[1:-1]
        for character in text
    )


def shortened(text: str) -> str:
    """Cut the middle out of a message that repeats something endless, such as a path of a damaged file."""
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST * 2 // 3]} … {text[-(LONGEST // 3) :]}"


def _is_escaped(character: str) -> bool:
    return unicodedata.category(character) in _ESCAPED or character in _TURNS
