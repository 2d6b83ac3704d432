"""Classes of very different size: a classifier then tends to name the large ones when it is unsure."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.core.wording import count, named
from tlstudio.specs.checks.class_balance import SPEC

UNEVEN = 3
VERY_UNEVEN = 10


class ClassBalance:
    """Compares the largest class with the smallest."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        sizes = {name: len(images) for name, images in evidence.dataset.by_class().items()}
        if len(sizes) < 2:
            return [_too_few_classes(list(sizes), empty=evidence.dataset.empty_classes)]
        smallest, largest = min(sizes, key=sizes.__getitem__), max(sizes, key=sizes.__getitem__)
        numbers = {"smallest": sizes[smallest], "largest": sizes[largest]}
        # A class can lose all its images while the window is open.
        ratio = sizes[largest] / max(sizes[smallest], 1)
        if ratio < UNEVEN:
            each = count(sizes[largest], "image")
            if ratio > 1:
                each = f"{sizes[smallest]} to {each}"
            message = f"The classes are of similar size ({each})."
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


def _too_few_classes(names: list[str], *, empty: Sequence[str]) -> Finding:
    """The finding about a single class, or none.

    Args:
        names: Classes that have images.
        empty: Classes that have none.
    """
    if names:
        message = (
            f"Only one class has images: {names[0]}." if empty else f"There is only one class, {names[0]}."
        )
    else:
        message = "No image has a class yet."
    waiting = f"{named(empty)} {'waits' if len(empty) == 1 else 'wait'} for images: label some"
    return Finding(
        check=SPEC.id,
        severity="serious",
        message=message,
        meaning="Nothing can be told apart, so no classifier can be trained.",
        mend=f"{waiting}, so that at least two classes have images."
        if empty
        else "Label images with at least two classes, or put them into one subfolder per class.",
    )


IMPLEMENTATION = ClassBalance()
