"""What is worth knowing about a folder of images before training: one check per file, found by walking."""

from __future__ import annotations

from tlstudio.core.contracts import HealthCheck
from tlstudio.core.control import Control
from tlstudio.core.registry import Registry
from tlstudio.core.types import Finding, ImageRecord, ScanReport

CHECKS: Registry[HealthCheck] = Registry("tlstudio.checks.data")

_ORDER = {"error": 0, "warning": 1, "info": 2, "ok": 3}


def run_health_checks(report: ScanReport, *, control: Control | None = None) -> list[Finding]:
    """Run every check.

    Args:
        report: Of a scanned folder.
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
        findings.extend(check.find(report, control=control))
    return sorted(findings, key=lambda finding: _ORDER[finding.severity])


def count(number: int, thing: str, *, plural: str | None = None) -> str:
    """A number with its noun: "1 image", "3 images".

    Args:
        number: How many.
        thing: In the singular.
        plural: Where an "s" does not make it.
    """
    return f"{number} {thing if number == 1 else plural or thing + 's'}"


def by_class(report: ScanReport) -> dict[str, list[ImageRecord]]:
    """The labelled images of each class, in the order of the classes."""
    images: dict[str, list[ImageRecord]] = {name: [] for name in report.classes}
    for record in report.records:
        if record.class_name is not None:
            images[record.class_name].append(record)
    return images
