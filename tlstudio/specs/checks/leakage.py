"""Spec of the check “Copies across the division”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="leakage",
    title="Copies across the division",
    summary="Looks for exact copies and groups that lie on several sides of the split.",
    subject="data",
    needs=("dataset",),
    limits_use=True,
)
