"""Spec of the check “Classes that were not tested”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="absent-classes",
    title="Classes that were not tested",
    summary="Lists classes without a single image to measure on.",
    subject="classifier",
    needs=("evaluation",),
    limits_use=True,
)
