"""Classes of very different size: a classifier then tends to name the large ones when it is unsure."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.specs.checks.class_balance import SPEC

UNEVEN = 3
VERY_UNEVEN = 10


class ClassBalance:
    """Compares the largest class with the smallest."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        sizes = {name: len(images) for name, images in evidence.dataset.by_class().items()}
        if len(sizes) < 2:
            return [_too_few_classes(list(sizes))]
        smallest, largest = min(sizes, key=sizes.__getitem__), max(sizes, key=sizes.__getitem__)
        numbers = {"smallest": sizes[smallest], "largest": sizes[largest]}
        # A class can lose all its images while the window is open.
        ratio = sizes[largest] / max(sizes[smallest], 1)
        if ratio < UNEVEN:
            message = f"The classes are of similar size ({sizes[smallest]} to {sizes[largest]} images)."
            return [Finding(check=SPEC.id, severity="ok", message=message, numbers=numbers)]
        return [
            Finding(
                check=SPEC.id,
                severity="warning" if ratio >= VERY_UNEVEN else "note",
                message=f"{largest} has {ratio:.0f} times as many images as {smallest} "
                f"({sizes[largest]} and {sizes[smallest]}).",
                meaning="When unsure, the classifier will tend to name the large classes.",
                mend="Collect more images of the small classes, or switch on class weighting; "
                "judge by balanced accuracy.",
                numbers=numbers,
            )
        ]


def _too_few_classes(names: list[str]) -> Finding:
    return Finding(
        check=SPEC.id,
        severity="serious",
        message=f"There is only one class, {names[0]}." if names else "There are no classes yet.",
        meaning="Nothing can be told apart, so no classifier can be trained.",
        mend="Make at least two subfolders, one per class, with images in each.",
    )


IMPLEMENTATION = ClassBalance()
