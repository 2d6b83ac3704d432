"""The warnings of a training as findings, to show beside those of the checks."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tlstudio.core.events import WarningRaised
from tlstudio.core.finding import Finding
from tlstudio.gui.widgets.lists.finding_list import window_finding


def warning_findings(warnings: Iterable[WarningRaised], *, checks: Collection[str]) -> list[Finding]:
    """The warnings without those that repeat a finding.

    Args:
        warnings: Of a run.
        checks: Ids of the checks whose findings are shown.
    """
    return [
        window_finding(warning.severity, warning.message)
        for warning in warnings
        if warning.code not in checks
    ]
