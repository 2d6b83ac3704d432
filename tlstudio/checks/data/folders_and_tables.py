"""Reports how the folders and tables of a data set were interpreted."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset
from tlstudio.core.finding import Finding
from tlstudio.core.wording import count
from tlstudio.specs.checks.folders_and_tables import SPEC


class FoldersAndTables:
    """One finding for each note of the scan, and one for images without a class."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        is_evaluated = evidence.has("left_out")  # by the layout of its run, and other checks tell the rest
        findings = [
            Finding(
                check=SPEC.id,
                severity="warning" if note.is_warning else "note",
                message=note.message,
                mend="" if is_evaluated and note.choices else note.mend,
                numbers={"kind": note.code},
                paths=note.paths,
            )
            for note in evidence.dataset.notes
        ]
        unlabelled = unlabelled_images(evidence.dataset)
        if unlabelled and not is_evaluated:
            findings.append(
                Finding(
                    check=SPEC.id,
                    severity="note",
                    message=f"{count(len(unlabelled), 'image')} without a class will not be used.",
                    mend="Put it into the folder of its class, add it to a table, or label it."
                    if len(unlabelled) == 1
                    else "Put them into the folder of their class, add them to a table, or label them.",
                    numbers={"kind": "unlabelled"},
                    paths=unlabelled,
                )
            )
        message = "Nothing about folders and tables had to be guessed."
        return findings or [Finding(check=SPEC.id, severity="ok", message=message)]


def unlabelled_images(dataset: Dataset) -> tuple[str, ...]:
    """Paths of the images without any label."""
    return tuple(image.path for image in dataset.images if not image.labels)


IMPLEMENTATION = FoldersAndTables()
