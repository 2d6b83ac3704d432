"""Spec of the check “What the backbone has seen”."""

from __future__ import annotations

from tlstudio.specs.spec import CheckSpec

SPEC = CheckSpec(
    id="source-bias",
    title="What the backbone has seen",
    summary="Says from which images the backbone learned to see, and for which others it may do worse.",
    subject="classifier",
    needs=("predictions", "backbone"),
    position=200,
)
