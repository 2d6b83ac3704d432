"""Spec of the check “Better than guessing”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="better-than-guessing",
    title="Better than guessing",
    summary="Compares the accuracy with that of always naming the largest class.",
    subject="classifier",
    needs=("evaluation",),
)
