"""The finding of a check, about data or a classifier, as window, command line and report show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from tlstudio.core.typed_values import read_dataclass

Severity = Literal["ok", "note", "warning", "serious"]

SEVERITIES: tuple[Severity, ...] = ("serious", "warning", "note", "ok")
"""Severities of findings, from the most to the least severe."""


ActionKind = Literal["leave-out", "divide", "group"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MendAction:
    """The mend of a finding, as something that the window can do when the person agrees.

    Attributes:
        kind: Leave images out, divide all images anew, or group them by a rule.
        words: On its button, e.g. "Leave out 12 copies".
        paths: Images that are left out.
        suggested: The class that is suggested for each of them; empty where none is.
        rule: For "group", the rule that is offered.
    """

    kind: ActionKind
    words: str
    paths: tuple[str, ...] = ()
    suggested: tuple[str, ...] = ()
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One sentence about the data or the classifier, with what it means and what can be done.

    Attributes:
        check: Id of the check.
        severity: "ok" and "note" need nothing, "warning" needs attention, "serious" makes results worthless.
        message: One plain sentence with its numbers.
        meaning: What it means for the work; empty where the message says enough.
        mend: What the person can do; empty when nothing is needed.
        numbers: The figures behind the sentence by name; accuracies and other shares are fractions.
        paths: The images it concerns, as in the dataset.
        action: Its mend as a button; None where nothing can be done at one stroke.
    """

    check: str
    severity: Severity
    message: str
    meaning: str = ""
    mend: str = ""
    numbers: Mapping[str, float | int | str] = field(default_factory=dict)
    paths: tuple[str, ...] = ()
    action: MendAction | None = None

    @property
    def is_warning(self) -> bool:
        """True for a warning or something serious, which a person must see."""
        return self.severity in ("warning", "serious")

    def as_values(self) -> dict[str, Any]:
        """All fields as plain JSON values, for events and metrics.json."""
        return {
            "check": self.check,
            "severity": self.severity,
            "message": self.message,
            "meaning": self.meaning,
            "mend": self.mend,
            "numbers": dict(self.numbers),
            "paths": list(self.paths),
            "action": _values_of(self.action) if self.action is not None else None,
        }

    def as_json(self) -> dict[str, Any]:
        """The element of `"findings"` of `evaluate --json` and `check --json`; the mend ends the message."""
        return {
            "check": self.check,
            "severity": self.severity,
            "message": f"{self.message} {self.mend}".rstrip(),
            "numbers": dict(self.numbers),
            "paths": list(self.paths),
        }


def _values_of(action: MendAction) -> dict[str, Any]:
    return {**asdict(action), "paths": list(action.paths), "suggested": list(action.suggested)}


def finding_from_values(values: Mapping[str, Any]) -> Finding:
    """Read what `Finding.as_values` returned.

    Raises:
        ValueError: The values are not those of a finding.
    """
    return read_dataclass(Finding, values)


def most_severe_first(findings: Iterable[Finding]) -> list[Finding]:
    """The findings ordered by severity; those of one severity stay in their order."""
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
