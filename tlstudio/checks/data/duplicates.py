"""Exact copies: the same bytes under several names, and worse, under several labels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from tlstudio.checks.data import CHECKS, count
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset, Image
from tlstudio.core.types import Finding


class ExactDuplicates:
    """Copies within a class are harmless, since a split keeps them on one side; across classes they lie."""

    id = "duplicates"
    title = "Exact copies"

    def find(self, dataset: Dataset, *, control: Control) -> Sequence[Finding]:
        """See `HealthCheck.find`."""
        copies: dict[str, list[Image]] = defaultdict(list)
        for record in dataset.images:
            copies[record.sha256].append(record)
        contradicting: list[list[Image]] = []
        agreeing: list[list[Image]] = []
        for records in copies.values():
            if len(records) > 1:
                labels = {record.label() for record in records if record.label() is not None}
                (contradicting if len(labels) > 1 else agreeing).append(records)
        findings = []
        if contradicting:
            findings.append(
                Finding(
                    check=self.id,
                    severity="warning",
                    message=f"{count(len(contradicting), 'image')} "
                    f"{'lies' if len(contradicting) == 1 else 'lie'} in more than one class: "
                    "the same picture with different labels.",
                    paths=tuple(record.path for records in contradicting for record in records),
                    mend="Decide which class is right and take the other copies out.",
                )
            )
        if agreeing:
            surplus = sum(len(records) - 1 for records in agreeing)
            findings.append(
                Finding(
                    check=self.id,
                    severity="info",
                    message=f"{count(surplus, 'file')} "
                    f"{'is an exact copy' if surplus == 1 else 'are exact copies'} of another; "
                    "copies stay on one side of the split.",
                    paths=tuple(record.path for records in agreeing for record in records),
                    mend="Nothing to do; taking the copies out makes the counts truer.",
                )
            )
        return findings or [Finding(check=self.id, severity="ok", message="No image is there twice.")]


CHECKS.register(ExactDuplicates())
