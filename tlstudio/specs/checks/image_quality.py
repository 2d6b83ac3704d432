"""Spec of the check “Image quality”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="image-quality",
    title="Image quality",
    summary="Looks for images that are nearly black or white, blurred, empty, or of another size or shape.",
    subject="data",
    needs=("dataset", "data_facts"),
)
