"""Spec of the figure “Found of each class”."""

from __future__ import annotations

from tlstudio.specs.spec import ViewSpec

SPEC = ViewSpec(
    id="per-class",
    title="Found of each class",
    position=20,
)
