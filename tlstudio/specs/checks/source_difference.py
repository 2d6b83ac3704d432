"""Spec of the check “Unlike what the backbone knows”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="source-difference",
    title="Unlike what the backbone knows",
    summary="Compares these images with those that the backbone was pretrained on.",
    subject="data",
    needs=("dataset", "data_features"),
)
