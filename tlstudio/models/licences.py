"""Plain words for the licences of weights, for people who are no lawyers. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Light = Literal["green", "amber", "red"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceTerms:
    """Terms of a licence in plain words.

    Attributes:
        light: "green": any use, also to earn money; "amber": there are conditions, or they are not known;
            "red": not for commercial use, or not for changed versions, which every trained classifier is.
        words: Two or three words for a chip.
        sentence: One plain sentence.
    """

    light: Light
    words: str
    sentence: str


FREE = LicenceTerms(
    light="green",
    words="free to use",
    sentence="May be used for anything, also commercially, when its notice of copyright is kept.",
)
SHARE_ALIKE = LicenceTerms(
    light="amber",
    words="with conditions",
    sentence="What is made from it and passed on must come under the same licence.",
)
RESTRICTED = LicenceTerms(
    light="red",
    words="restricted use",
    sentence="Not for commercial use, or not to be changed, and training changes it. Ask its owner first.",
)
UNKNOWN = LicenceTerms(
    light="amber",
    words="licence unclear",
    sentence="It is not known what its licence allows. Look it up before you pass a classifier on.",
)

_FREE = (
    "apache",
    "mit",
    "bsd",
    "isc",
    "zlib",
    "cc0",
    "cc-by-1",
    "cc-by-2",
    "cc-by-3",
    "cc-by-4",
    "unlicense",
)
_SHARE_ALIKE = ("gpl", "lgpl", "agpl", "mpl", "epl", "cc-by-sa", "openrail", "ofl")
_RESTRICTED = ("-nc", "-nd", "noncommercial", "non-commercial", "research")


def licence_terms(licence: str) -> LicenceTerms:
    """Judge a licence by its SPDX id, or by the name that a person gave it.

    Args:
        licence: E.g. "Apache-2.0"; anything that is not known here is `UNKNOWN`.
    """
    name = licence.lower().replace(" ", "-").replace("_", "-")
    if any(part in name for part in _RESTRICTED):
        return RESTRICTED
    if any(name.startswith(start) for start in _SHARE_ALIKE):
        return SHARE_ALIKE
    if name == "cc-by" or any(name.startswith(start) for start in _FREE):
        return FREE
    return UNKNOWN
