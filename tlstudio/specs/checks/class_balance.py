"""The check “Class sizes”, described."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="class-balance",
    title="Class sizes",
    subject="data",
)
