"""Facts about the images of a data set, found out before its checks run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tlstudio.data.near.look import LookFacts
from tlstudio.specs.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFacts:
    """Facts about images that take long to find out, so that they are kept and not found by a check itself.

    Attributes:
        looks: How the images look, by path, once near-duplicates were looked for; an image that could not be
            read again has none.
        recipe: With the backbone whose features checks may compute; None where they may not.
    """

    looks: Mapping[str, LookFacts] = field(default_factory=dict)
    recipe: Recipe | None = None
