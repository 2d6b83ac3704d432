"""Recognises the names that people give to the parts of a division, such as train, valid and Holdout."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

from tlstudio.core.types import SplitName

_WORDS: dict[SplitName, frozenset[str]] = {
    "train": frozenset(
        {"train", "training", "trn", "trainval", "entrenamiento", "entrainement", "apprentissage"}
    ),
    "validation": frozenset(
        {"val", "vali", "valid", "validation", "validate", "validating", "dev", "devel", "development"}
        | {"validierung", "validacion"}
    ),
    "test": frozenset(
        {"test", "tests", "testing", "tst", "holdout", "heldout", "eval", "evaluation", "prueba", "pruebas"}
    ),
}
_SIDE_OF: dict[str, SplitName] = {word: side for side, words in _WORDS.items() for word in words}
_FILLERS = frozenset(
    {"set", "sets", "data", "dataset", "image", "images", "img", "imgs", "photo", "photos", "picture"}
    | {"pictures", "split", "part", "subset", "folder", "files"}
)
_LETTERS = re.compile(r"[^\W\d_]+")


def find_division(names: Iterable[str]) -> dict[str, SplitName]:
    """Find the names that are parts of one division.

    Names may share further words, as in "leaves_train" and "leaves_test"; they need not where each name means
    a side, e.g. "Training set" and "02_val". Parts of a division mean at least two different sides; a single
    "train" among other names may be a class of vehicles.

    Args:
        names: Of folders that lie in one folder, or other words, such as the entries of a column.

    Returns:
        The side of each part; empty when there is no division.
    """
    names = set(names)
    parsed = {name: found for name in sorted(names) if (found := _parse(name)) is not None}
    if not parsed:
        return {}
    families = Counter(rest for _, rest in parsed.values())
    family = max(families, key=lambda rest: (families[rest], -len(rest)))
    division = {name: side for name, (side, rest) in parsed.items() if rest == family}
    if len(set(division.values())) < 2 and len(parsed) == len(names):
        division = {name: side for name, (side, _) in parsed.items()}
    return division if len(set(division.values())) > 1 else {}


def sides_in_order(division: Mapping[str, SplitName]) -> list[str]:
    """The names of a division: parts for training first, then validation, then test."""
    order = list(_WORDS)
    return sorted(division, key=lambda name: (order.index(division[name]), name))


def _parse(name: str) -> tuple[SplitName, tuple[str, ...]] | None:
    """The side that a name means and its remaining words; None without a side, or with several."""
    words = _words(name)
    sides = [_SIDE_OF[word] for word in words if word in _SIDE_OF]
    if len(sides) != 1:
        return None
    return sides[0], tuple(word for word in words if word not in _SIDE_OF and word not in _FILLERS)


def _words(name: str) -> list[str]:
    """The words of a name without accents, capitals and digits; "trainSet" and "trainset" are two words."""
    plain = "".join(
        character for character in unicodedata.normalize("NFKD", name) if not unicodedata.combining(character)
    )
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain).casefold()
    plain = re.sub(r"\b(hold|held)[\s_-]*out\b", "holdout", plain.replace("_", " "))
    found: list[str] = []
    for word in _LETTERS.findall(plain):
        stems = {word.removesuffix(end) for end in _FILLERS} & _SIDE_OF.keys()
        found.append(stems.pop() if stems else word)
    return found
