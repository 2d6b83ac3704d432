"""The look of a class everywhere in the window: its colour, and the number key that labels with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QColor

DIGITS = "0123456789"
# The golden angle: neighbours in the list are far apart in colour, however many classes there are.
HUE_STEP = 137.508
FIRST_HUE = 222


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassLook:
    """A class with its colour (`#rrggbb`) and its number key, which is empty when no digit is left for it."""

    name: str
    colour: str
    key: str


def class_looks(names: Sequence[str], *, colours: Mapping[str, str]) -> tuple[ClassLook, ...]:
    """Give each class its colour and number key.

    Args:
        names: In their order.
        colours: Those that the person chose, by class; the others get one by their place.
    """
    keys = class_keys(names)
    return tuple(
        ClassLook(name=name, colour=colours.get(name) or class_colour(index), key=keys.get(name, ""))
        for index, name in enumerate(names)
    )


def class_colour(index: int) -> str:
    """The colour of the class at this place, as `#rrggbb`; the same in light and dark."""
    hue = int(FIRST_HUE + index * HUE_STEP) % 360
    return QColor.fromHsl(hue, (190, 150)[index // 9 % 2], (125, 150, 100)[index % 3]).name()


def class_keys(names: Sequence[str]) -> dict[str, str]:
    """The number key of each class that has one.

    A class named by a digit has its own digit as key, also 0. The others take the digits from 1 on that are
    left, in order.

    Args:
        names: Of the classes, in order.

    Returns:
        Class name to digit.
    """
    own = {name for name in names if len(name) == 1 and name in DIGITS}
    free = iter([digit for digit in DIGITS[1:] if digit not in own])
    keys = {}
    for name in names:
        key = name if name in own else next(free, None)
        if key is not None:
            keys[name] = key
    return keys


def press_words(looks: Sequence[ClassLook]) -> str:
    """Name the keys to press, e.g. "press 1–3" or, with more classes than digits, "press 1–9 or L"."""
    keys = sorted(look.key for look in looks if look.key)
    others = " or L" if len(keys) < len(looks) else ""
    if len(keys) > 1 and "".join(keys) in DIGITS:
        return f"press {keys[0]}–{keys[-1]}{others}"
    return f"press {', '.join(keys)}{others}" if keys else ""
