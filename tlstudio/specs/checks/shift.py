"""Spec of the check “Images of another kind”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="shift",
    title="Images of another kind",
    summary="Asks whether images of another folder differ from those of the run, and in what.",
    subject="classifier",
    needs=("left_out", "dataset", "predictions"),
    position=3,
    limits_use=True,
)
