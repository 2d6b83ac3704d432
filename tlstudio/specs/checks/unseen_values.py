"""Spec of the check “Values of another kind”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="unseen-values",
    title="Values of another kind",
    summary="Names images of another folder whose pixels have values of a kind that the training had not.",
    subject="classifier",
    needs=("left_out", "dataset"),
    position=3,
)
