"""The colours of the app, light and dark: the window, its figures and the report all take them from here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """The colour tokens of one appearance, as `#rrggbb`. Ice means frozen, fire means training, everywhere.

    Every text colour reaches a contrast of 4.5 on the surfaces it is used on (tests/core/test_colours.py).
    """

    bg: str
    surface: str
    line: str
    text: str
    muted: str
    accent: str
    accent_soft: str
    on_accent: str
    ice: str
    ice_soft: str
    fire: str
    fire_soft: str
    ok: str
    warn: str
    bad: str


LIGHT = Colours(
    bg="#f6f7f9",
    surface="#ffffff",
    line="#dfe3e9",
    text="#1d2430",
    muted="#5d6678",
    accent="#3b5bdb",
    accent_soft="#e8edff",
    on_accent="#ffffff",
    ice="#14708f",
    ice_soft="#dff2f9",
    fire="#b8430a",
    fire_soft="#ffeadd",
    ok="#257a38",
    warn="#8f5d12",
    bad="#c92a2a",
)
DARK = Colours(
    bg="#14171c",
    surface="#1c2027",
    line="#2d333d",
    text="#e6e9ef",
    muted="#98a2b3",
    accent="#748ffc",
    accent_soft="#242c47",
    on_accent="#10131a",
    ice="#4cc3e8",
    ice_soft="#16323d",
    fire="#ff922b",
    fire_soft="#3b2717",
    ok="#69db7c",
    warn="#fcc419",
    bad="#ff8787",
)
