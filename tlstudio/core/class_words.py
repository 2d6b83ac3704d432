"""Classes as a person writes them down: their names and, where wanted, descriptions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tlstudio.core.errors import UserError

MEND = (
    "Write one class per line, as in “ant: a small, black insect; it crawls”, or all in one line, separated "
    "by commas; then a description has no comma."
)


MOST_LETTERS = 100
"""Letters in the name of a class; whoever has more has written, or given, something else."""
SHOWN_LETTERS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassWords:
    """One class in words.

    Attributes:
        name: As it was written.
        descriptions: What else was said of it.
    """

    name: str
    descriptions: tuple[str, ...] = ()

    @property
    def spaced_name(self) -> str:
        """Its name with blanks between the words: "glass bottle" for `glass_bottle` or `glassBottle`."""
        return " ".join(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", self.name.replace("_", " ")).split())


def read_class_words(text: str) -> tuple[ClassWords, ...]:
    """Read classes from a text.

    Args:
        text: One class per line, or all in one line, separated by commas. A class is `name`, or
            `name: description; description`. With several lines, descriptions may have commas.

    Returns:
        The classes in the order given; none for an empty text.

    Raises:
        UserError: A class without a name or with one that can be none, or the same name twice.
    """
    found: list[ClassWords] = []
    lines = text.strip().splitlines()
    for line in lines:
        has_commas = len(lines) > 1 and ":" in line
        for part in filter(str.strip, [line] if has_commas else line.split(",")):
            name, _, rest = part.partition(":")
            if not name.strip():
                raise UserError(f"“{part.strip()}” describes a class without a name.", mend=MEND)
            if len(name.strip()) > MOST_LETTERS or not name.strip().isprintable():
                start = "".join(letter for letter in name.strip()[:SHOWN_LETTERS] if letter.isprintable())
                raise UserError(f"“{start}…” cannot be the name of a class.", mend=MEND)
            descriptions = tuple(words for words in map(str.strip, rest.split(";")) if words)
            found.append(ClassWords(name=name.strip(), descriptions=descriptions))
    keys = [_key(words.name) for words in found]
    for number, words in enumerate(found):
        if keys[number] in keys[:number]:
            raise UserError(f"The class “{words.name}” is given twice.", mend="Give each class once.")
    return tuple(found)


def words_for(classes: Sequence[str], given: Sequence[ClassWords]) -> tuple[ClassWords, ...]:
    """The words for each class, in the order of the classes; the name alone for one that is not given.

    Args:
        classes: Names of the classes.
        given: What was said of them; capitals and underscores in the names do not matter.

    Raises:
        UserError: Words for something that is no class.
    """
    by_key: Mapping[str, ClassWords] = {_key(words.name): words for words in given}
    known = {_key(name) for name in classes}
    for words in given:
        if _key(words.name) not in known:
            raise UserError(
                f"“{words.name}” is no class of these images.",
                mend=f"The classes are {', '.join(classes)}. {MEND}",
            )
    return tuple(
        ClassWords(name=name, descriptions=by_key[_key(name)].descriptions)
        if _key(name) in by_key
        else ClassWords(name=name)
        for name in classes
    )


def with_named_classes(classes: Sequence[str], given: Sequence[ClassWords]) -> tuple[str, ...]:
    """The classes, and after them those that were only named; capitals and underscores do not matter.

    Args:
        classes: Names of the classes with labelled images.
        given: What the person wrote.
    """
    known = {_key(name) for name in classes}
    return (*classes, *(words.name for words in given if _key(words.name) not in known))


def _key(name: str) -> str:
    return " ".join(name.replace("_", " ").casefold().split())
