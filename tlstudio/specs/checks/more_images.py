"""Spec of the check “Have I done enough?”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="more-images",
    title="Have I done enough?",
    summary="Carries the learning curve on: what more images of each class would give.",
    subject="classifier",
    needs=("learning_curve",),
)
