"""Spec of the check “Too few test images”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="too-few-tests",
    title="Too few test images",
    summary="Asks whether enough images were kept to measure on, and whether they had no part in training.",
    subject="classifier",
    needs=("evaluation",),
)
