"""Spec of the check “Unlike what the backbone knows”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="source-difference",
    title="Unlike what the backbone knows",
    summary="Asks how unlike these images are those that the backbone learned to see from.",
    subject="data",
    needs=("dataset", "data_features"),
)
