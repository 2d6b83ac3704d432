"""Spec of the check “Over-fitting”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="over-fitting",
    title="Over-fitting",
    summary="Asks whether the training images were learnt by heart, compared with the validation images.",
    subject="classifier",
    needs=("history",),
)
