"""Runs every check of one subject."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tlstudio.checks.check import Check
from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.finding import Finding, most_severe_first
from tlstudio.specs import CHECKS
from tlstudio.specs.registry import implementation
from tlstudio.specs.spec import CheckSpec, EvidencePart, Occasion

PACKAGES = {"data": "tlstudio.checks.data", "classifier": "tlstudio.checks.trust"}
"""Package of the checks of each subject."""


def run_checks(
    evidence: Evidence,
    *,
    subject: Literal["data", "classifier"],
    occasion: Occasion | None = None,
    needing: EvidencePart | None = None,
    control: Control | None = None,
) -> list[Finding]:
    """Run every check of a subject for which the evidence has what it needs.

    Args:
        evidence: What the checks may examine.
        subject: What they judge.
        occasion: Only those that are also run then; None runs all.
        needing: Only those that need this part of the evidence; None runs all.
        control: Checked before each check, and within checks that take long.

    Returns:
        The findings, the most severe first; each check that ran has at least one. A check of the features of
        a data set of which an image can no longer be read says so in a note.

    Raises:
        Cancelled: The person cancelled.
    """
    control = control or Control()
    findings: list[Finding] = []
    for spec in CHECKS:
        if occasion is not None and occasion not in spec.also_at:
            continue
        if needing is not None and needing not in spec.needs:
            continue
        if spec.subject == subject and all(evidence.has(part) for part in spec.needs):
            control.check()
            findings += _examined(spec, evidence, control)
    return most_severe_first(findings)


def _examined(spec: CheckSpec, evidence: Evidence, control: Control) -> Sequence[Finding]:
    try:
        return check_of(spec).examine(evidence, control=control)
    except UserError as error:
        if "data_features" not in spec.needs:
            raise
        return [
            Finding(
                check=spec.id,
                severity="note",
                message=f"The check “{spec.title}” could not be made: {error.what.rstrip('.')}.",
                mend="Look again, once the images are as they were.",
            )
        ]


def check_of(spec: CheckSpec) -> Check:
    """The check that a spec describes."""
    check: Check = implementation(spec, package=PACKAGES[spec.subject])
    return check
