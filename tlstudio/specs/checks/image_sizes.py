"""The check “Tiny and very long images”, described."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="image-sizes",
    title="Tiny and very long images",
    subject="data",
)
