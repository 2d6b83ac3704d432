"""Classes of very different size: the large ones then win in doubt."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.data import CHECKS
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset
from tlstudio.core.types import Finding

UNEVEN = 3
VERY_UNEVEN = 10


class ClassBalance:
    """Compares the largest class with the smallest."""

    id = "class-balance"
    title = "Class sizes"

    def find(self, dataset: Dataset, *, control: Control) -> Sequence[Finding]:
        """See `HealthCheck.find`."""
        sizes = {name: len(records) for name, records in dataset.by_class().items()}
        if len(sizes) < 2:
            return [
                Finding(
                    check=self.id,
                    severity="error",
                    message="There are no classes yet."
                    if not sizes
                    else f"There is only one class, {min(sizes)}.",
                    mend="Make at least two subfolders, one per class, with images in each.",
                )
            ]
        smallest, largest = min(sizes, key=sizes.__getitem__), max(sizes, key=sizes.__getitem__)
        ratio = sizes[largest] / sizes[smallest]
        if ratio < UNEVEN:
            return [
                Finding(
                    check=self.id,
                    severity="ok",
                    message="The classes are of similar size "
                    f"({sizes[smallest]} to {sizes[largest]} images).",
                )
            ]
        return [
            Finding(
                check=self.id,
                severity="warning" if ratio >= VERY_UNEVEN else "info",
                message=f"{largest} has {ratio:.0f} times as many images as {smallest} "
                f"({sizes[largest]} and {sizes[smallest]}).",
                mend="Collect more images of the small classes, or switch on class weighting; "
                "judge by balanced accuracy.",
            )
        ]


CHECKS.register(ClassBalance())
