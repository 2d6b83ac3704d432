"""Spec of the check “Groups of images”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="groups",
    title="Groups of images",
    summary="Compares how often it is right in each group that a column of the table names.",
    subject="classifier",
    needs=("dataset", "predictions"),
    limits_use=True,
)
