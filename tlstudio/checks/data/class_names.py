"""Class names that look alike, which usually are one class spelt in two ways."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.specs.checks.class_names import SPEC


class ClassNames:
    """Compares names without regard to capitals, spaces, hyphens and underscores."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        images = evidence.dataset.by_class()
        alike: dict[str, list[str]] = defaultdict(list)
        for name in images:
            alike[_without_spelling(name)].append(name)
        findings = [
            Finding(
                check=SPEC.id,
                severity="warning",
                message=f"{' and '.join(repr(name) for name in names)} are {len(names)} classes "
                "whose names hardly differ.",
                meaning="If they mean the same, the classifier is taught a difference that is not there.",
                mend="If they mean the same, put their images into one folder.",
                numbers={"classes": len(names)},
                paths=tuple(image.path for name in names for image in images[name]),
            )
            for names in alike.values()
            if len(names) > 1
        ]
        if findings:
            return findings
        if len(images) < 2:
            message = "There are no two classes with images, so no names to compare."
            return [Finding(check=SPEC.id, severity="note", message=message)]
        return [Finding(check=SPEC.id, severity="ok", message="No two classes have names that look alike.")]


def _without_spelling(name: str) -> str:
    """A name in lower case without separators; in lower case only if it consists of separators."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(character for character in folded if character not in " _-.") or folded


IMPLEMENTATION = ClassNames()
