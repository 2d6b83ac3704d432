"""Class names that look alike, which usually are one class spelt in two ways."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence

from tlstudio.checks.data import CHECKS
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset
from tlstudio.core.types import Finding


class ClassNames:
    """Compares names without regard to capitals, spaces, hyphens and underscores."""

    id = "class-names"
    title = "Names that look alike"

    def find(self, dataset: Dataset, *, control: Control) -> Sequence[Finding]:
        """See `HealthCheck.find`."""
        alike: dict[str, list[str]] = defaultdict(list)
        for name in dataset.classes:
            alike[_core(name)].append(name)
        images = dataset.by_class()
        findings = [
            Finding(
                check=self.id,
                severity="warning",
                message=f"{' and '.join(repr(name) for name in names)} are {len(names)} classes "
                "whose names hardly differ.",
                paths=tuple(record.path for name in names for record in images[name]),
                mend="If they mean the same, put their images into one folder.",
            )
            for names in alike.values()
            if len(names) > 1
        ]
        return findings or [
            Finding(check=self.id, severity="ok", message="No two classes have names that look alike.")
        ]


def _core(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(character for character in folded if character not in " _-.") or folded


CHECKS.register(ClassNames())
