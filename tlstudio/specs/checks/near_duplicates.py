"""Spec of the check “Near-duplicates”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="near-duplicates",
    title="Near-duplicates",
    summary="Looks for pictures of one scene that were saved, resized, cut or turned a little differently.",
    subject="data",
    needs=("dataset", "data_facts"),
)
