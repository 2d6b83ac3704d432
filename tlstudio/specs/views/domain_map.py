"""Spec of the figure “Map of the two places”."""

from __future__ import annotations

from tlstudio.specs.spec import ViewSpec

SPEC = ViewSpec(
    id="domain-map",
    title="Map of the two places",
    position=47,
)
