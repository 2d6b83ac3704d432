"""Files that cannot be used, grouped by the kind of problem."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.core.types import ProblemFile
from tlstudio.core.wording import count
from tlstudio.data.naming import hidden_sentence
from tlstudio.specs.checks.unreadable import SPEC

_AGAIN = (
    "Copy or download it again from where it came from.",
    "Copy or download them again from where they came from.",
)
_WORDS = {
    "truncated": (("cut short", "cut short"), _AGAIN),
    "damaged": (("damaged", "damaged"), _AGAIN),
    "not-an-image": (
        ("no image", "no images"),
        ("Nothing to do, or take it out of the folder.", "Nothing to do, or take them out of the folder."),
    ),
    "too-large": (
        ("too large to read", "too large to read"),
        ("Save a smaller copy, or cut it into parts.", "Save smaller copies, or cut them into parts."),
    ),
    "needs-extra": (
        ("of a kind whose reader is not installed", "of a kind whose reader is not installed"),
        ('Install the readers: pip install "tlstudio[formats]".',) * 2,
    ),
    "unsupported": (
        ("of a kind that is not read here", "of a kind that is not read here"),
        ("Save it as PNG or JPEG.", "Save them as PNG or JPEG."),
    ),
    "no-permission": (
        ("closed to you", "closed to you"),
        ("Change the rights of the file or folder.", "Change the rights of the files or folders."),
    ),
    "unreadable": (
        ("not readable from the drive", "not readable from the drive"),
        ("Check the drive, the name and the link.", "Check the drive, the names and the links."),
    ),
    "bad-name": (
        ("named with bytes that are not text", "named with bytes that are not text"),
        ("Rename it with ordinary letters.", "Rename them with ordinary letters."),
    ),
    "linked-twice": (
        ("a link to a folder that is read already", "links to folders that are read already"),
        ("Nothing to do, or remove the link.", "Nothing to do, or remove the links."),
    ),
}
"""Kind of problem → (description, mend), each for one file and for several."""
_HARMLESS = {"not-an-image", "linked-twice"}


class UnreadableFiles:
    """One finding for each kind of problem, and one that counts hidden files."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        kinds: dict[str, list[ProblemFile]] = defaultdict(list)
        for problem in evidence.dataset.problems:
            kinds[problem.code].append(problem)
        findings = []
        for code, problems in sorted(kinds.items(), key=lambda item: -len(item[1])):
            first = problems[0]
            words, mends = _WORDS.get(code, ((first.reason,) * 2, (first.mend,) * 2))
            several = len(problems) > 1
            findings.append(
                Finding(
                    check=SPEC.id,
                    severity="note" if code in _HARMLESS else "warning",
                    message=f"{count(len(problems), 'file is', plural='files are')} {words[several]} "
                    "and will not be used.",
                    numbers={"files": len(problems)},
                    paths=tuple(problem.path for problem in problems),
                    mend=mends[several],
                )
            )
        if not findings:
            findings.append(Finding(check=SPEC.id, severity="ok", message="Every file could be read."))
        if hidden := evidence.dataset.hidden_files:
            findings.append(
                Finding(
                    check=SPEC.id,
                    severity="note",
                    message=hidden_sentence(hidden),
                    numbers={"hidden_files": hidden},
                )
            )
        return findings


IMPLEMENTATION = UnreadableFiles()
