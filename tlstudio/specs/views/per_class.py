"""The figure “Found of each class”, described."""

from __future__ import annotations

from tlstudio.specs.spec import ViewSpec

SPEC = ViewSpec(
    id="per-class",
    title="Found of each class",
    position=20,
)
