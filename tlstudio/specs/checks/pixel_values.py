"""Spec of the check “Values of the pixels”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="pixel-values",
    title="Values of the pixels",
    summary="Looks for pictures of one single colour, and says how images with more than 8 bits are seen.",
    subject="data",
    needs=("dataset",),
)
