"""Spec of the check “Copies across the division”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="leakage",
    title="Copies across the division",
    summary="Looks for copies, near-duplicates and groups that lie on several sides of the split.",
    subject="data",
    needs=("dataset",),
    also_at=("training",),
    limits_use=True,
)
