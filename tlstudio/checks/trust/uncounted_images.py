"""Images of another folder that have no label, or one of a class that the classifier does not know."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.core.wording import count, named
from tlstudio.specs.checks.uncounted_images import SPEC


class UncountedImages:
    """One finding for images without a label, and one for the unknown classes of each label column."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        left_out, classes = evidence.left_out, evidence.evaluation.primary.classes
        findings = []
        if left_out.unlabelled:
            number = len(left_out.unlabelled)
            findings.append(
                Finding(
                    check=SPEC.id,
                    severity="warning",
                    message=f"{count(number, 'image')} {'has' if number == 1 else 'have'} no label and "
                    f"{'does' if number == 1 else 'do'} not count.",
                    mend="Put each into the folder of its class, or fill in its row of the table.",
                    numbers={"images": number},
                    paths=left_out.unlabelled,
                )
            )
        if left_out.unknown:
            listed = named([f"{name} ({len(paths)})" for name, paths in left_out.unknown.items()])
            number = sum(map(len, left_out.unknown.values()))
            findings.append(
                Finding(
                    check=SPEC.id,
                    severity="warning",
                    message=f"{count(number, 'image')} of classes that it does not know "
                    f"{'does' if number == 1 else 'do'} not count: {listed}.",
                    meaning="It would give each of them one of its own classes, which is always wrong.",
                    mend=f"Name the folders like its classes, if that is what they hold: {named(classes)}.",
                    numbers={"images": number, "classes": len(left_out.unknown)},
                    paths=tuple(path for paths in left_out.unknown.values() for path in paths),
                )
            )
        for column, unknown in left_out.unknown_further.items():
            number = sum(map(len, unknown.values()))
            listed = named([f"{name} ({len(paths)})" for name, paths in unknown.items()])
            findings.append(
                Finding(
                    check=SPEC.id,
                    severity="warning",
                    message=f"In the column “{column}” {count(number, 'image')} of classes that it does not "
                    f"know {'does' if number == 1 else 'do'} not count: {listed}.",
                    numbers={"images": number, "classes": len(unknown)},
                    paths=tuple(path for paths in unknown.values() for path in paths),
                )
            )
        return findings or [
            Finding(check=SPEC.id, severity="ok", message="Every image has a label of a class that it knows.")
        ]


IMPLEMENTATION = UncountedImages()
