"""Spec of the check “Unusual images”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="outliers",
    title="Unusual images",
    summary="Finds images that are unlike all others, such as one that shows something else altogether.",
    subject="data",
    needs=("dataset", "data_features"),
)
