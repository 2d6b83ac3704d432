"""The glossary: docs/glossary.md, read into entries that tips and the app's glossary show."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from tlstudio.core.files import document

CONTRIBUTORS = "## For contributors"
TECHNICAL = "Technical terms"
_ENTRY = re.compile(r"\*\*(?P<names>[^*]+)\.\*\*\s+(?P<text>.+)", re.DOTALL)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z“])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A term and what it means.

    Attributes:
        names: The term, and other forms of it by which it is found in a text.
        text: What it means, in a few sentences; Markdown.
        is_technical: Whether a lay person may not know it, so that tips explain it.
    """

    names: tuple[str, ...]
    text: str
    is_technical: bool

    @property
    def title(self) -> str:
        """The term."""
        return self.names[0]

    @property
    def meaning(self) -> str:
        """The meaning in one sentence of plain text, for a tip."""
        return _SENTENCE_END.split(re.sub(r"[*`]", "", self.text), maxsplit=1)[0]


@cache
def glossary() -> tuple[Entry, ...]:
    """All entries for people who use the app, in the order of the file."""
    return parse_glossary(document("glossary.md").read_text(encoding="utf-8"))


def parse_glossary(text: str) -> tuple[Entry, ...]:
    """Read entries from Markdown: paragraphs that begin with the names of a term in bold.

    What follows the heading for contributors is left out.
    """
    entries, section = [], ""
    for paragraph in re.split(r"\n\s*\n", text.partition(CONTRIBUTORS)[0]):
        part = paragraph.strip()
        if part.startswith("#"):
            section = part.lstrip("# ")
        elif (found := _ENTRY.fullmatch(part)) is not None:
            entries.append(
                Entry(
                    names=tuple(name.strip() for name in found["names"].split(",")),
                    text=" ".join(found["text"].split()),
                    is_technical=section == TECHNICAL,
                )
            )
    return tuple(entries)


def terms_in(text: str) -> tuple[Entry, ...]:
    """The technical terms that a text holds, each once, in the order of the text."""
    pattern, by_name = _technical_names()
    found = (by_name[match["name"].casefold()] for match in pattern.finditer(text))
    return tuple(dict.fromkeys(found))


def meaning(name: str) -> str:
    """The meaning of a term in one sentence, by any of its names.

    Raises:
        KeyError: The glossary has no such term.
    """
    wanted = name.casefold()
    for entry in glossary():
        if wanted in (known.casefold() for known in entry.names):
            return entry.meaning
    raise KeyError(f"{name!r} is not in the glossary")


@cache
def _technical_names() -> tuple[re.Pattern[str], dict[str, Entry]]:
    by_name = {name.casefold(): entry for entry in glossary() if entry.is_technical for name in entry.names}
    # The longest first: "balanced accuracy" is not "accuracy".
    names = "|".join(re.escape(name) for name in sorted(by_name, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?P<name>{names})s?(?!\w)", re.IGNORECASE), by_name
