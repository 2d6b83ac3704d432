"""Spec of the check “Can its percentages be trusted”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="calibration",
    title="Can its percentages be trusted",
    summary="Compares how sure the classifier is with how often it is right.",
    subject="classifier",
    needs=("predictions",),
    limits_use=True,
)
