"""Spec of the check “Over-fitting”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="over-fitting",
    title="Over-fitting",
    summary="Compares training and check images to see whether training images were learned by heart.",
    subject="classifier",
    needs=("history",),
)
