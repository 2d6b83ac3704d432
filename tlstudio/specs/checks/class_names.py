"""Spec of the check “Names that look alike”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="class-names",
    title="Names that look alike",
    summary="Looks for classes whose names differ only in capitals, spaces, hyphens or underscores.",
    subject="data",
    needs=("dataset",),
)
