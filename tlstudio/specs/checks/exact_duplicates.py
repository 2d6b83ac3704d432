"""Spec of the check “Exact copies”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="exact-duplicates",
    title="Exact copies",
    summary="Looks for files with the same content.",
    subject="data",
    needs=("dataset",),
)
