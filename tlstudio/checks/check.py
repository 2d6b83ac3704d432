"""The interface of a check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding


class Check(Protocol):
    """A check: examines evidence and returns findings.

    Its spec in `tlstudio.specs.checks` says which parts of the evidence it needs; it is run only when they
    are there.
    """

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """Run the check: its findings; one of severity "ok" where nothing is wrong.

        Args:
            evidence: What it may examine.
            control: Checked about once per image by checks that take long.

        Raises:
            Cancelled: The person cancelled.
        """
        ...
