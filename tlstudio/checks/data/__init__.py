"""What is worth knowing about a folder of images before training: one check per file, found by walking."""

from __future__ import annotations

from tlstudio.core.contracts import HealthCheck
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset
from tlstudio.core.registry import Registry
from tlstudio.core.types import Finding

CHECKS: Registry[HealthCheck] = Registry("tlstudio.checks.data")

_ORDER = {"error": 0, "warning": 1, "info": 2, "ok": 3}


def run_health_checks(dataset: Dataset, *, control: Control | None = None) -> list[Finding]:
    """Run every check.

    Args:
        dataset: As scanned.
        control: Asked before each check.

    Returns:
        The findings, the gravest first; each check says at least that all is well.

    Raises:
        Cancelled: As `control` says.
    """
    control = control or Control()
    findings: list[Finding] = []
    for check in CHECKS:
        control.check()
        findings.extend(check.find(dataset, control=control))
    return sorted(findings, key=lambda finding: _ORDER[finding.severity])


def count(number: int, thing: str, *, plural: str | None = None) -> str:
    """A number with its noun: "1 image", "3 images".

    Args:
        number: How many.
        thing: In the singular.
        plural: Where an "s" does not make it.
    """
    return f"{number} {thing if number == 1 else plural or thing + 's'}"
