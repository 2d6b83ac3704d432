"""Spec of the check “Images that do not count”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="uncounted-images",
    title="Images that do not count",
    summary="Names images of another folder without a label, and classes that the classifier does not know.",
    subject="classifier",
    needs=("left_out", "evaluation"),
    position=2,
)
