"""Spec of the check “Images that it has seen”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="seen-images",
    title="Images that it has seen",
    summary="Asks whether images of another folder had a part in the training; they are left out.",
    subject="classifier",
    needs=("left_out",),
    position=1,
)
