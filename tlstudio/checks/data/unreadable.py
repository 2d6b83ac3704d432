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

_WORDS = {
    "truncated": ("cut short", "Copy or download them again from where they came from."),
    "damaged": ("damaged", "Copy or download them again from where they came from."),
    "not-an-image": ("no image", "Nothing to do, or take them out of the folder."),
    "too-large": ("too large to read", "Save smaller copies, or cut them into parts."),
    "needs-extra": (
        "of a kind whose reader is not installed",
        'Install the readers: pip install "tlstudio[formats]".',
    ),
    "unsupported": ("of a kind that is not read here", "Save them as PNG or JPEG."),
    "no-permission": ("closed to you", "Change the rights of the files or folders."),
    "unreadable": ("not readable from the drive", "Check the drive, the names and the links."),
    "bad-name": ("named with bytes that are not text", "Rename them with ordinary letters."),
    "linked-twice": ("a link to a folder that is read already", "Nothing to do, or remove the link."),
}
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
            words, mend = _WORDS.get(code, (problems[0].reason, problems[0].mend))
            verb = "is" if len(problems) == 1 else "are"
            findings.append(
                Finding(
                    check=SPEC.id,
                    severity="note" if code in _HARMLESS else "warning",
                    message=f"{count(len(problems), 'file')} {verb} {words} and will not be used.",
                    numbers={"files": len(problems)},
                    paths=tuple(problem.path for problem in problems),
                    mend=mend,
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
