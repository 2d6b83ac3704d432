"""Spec of the check “Tiny and very long images”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="image-sizes",
    title="Tiny and very long images",
    summary="Looks for images with hardly any pixels, and for very long ones.",
    subject="data",
    needs=("dataset",),
)
