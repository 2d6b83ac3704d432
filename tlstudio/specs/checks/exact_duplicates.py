"""The check “Exact copies”, described."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="exact-duplicates",
    title="Exact copies",
    subject="data",
)
