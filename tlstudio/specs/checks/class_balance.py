"""Spec of the check “Class sizes”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="class-balance",
    title="Class sizes",
    summary="Compares the number of images of the largest and the smallest class.",
    subject="data",
    needs=("dataset",),
)
