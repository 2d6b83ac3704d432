"""Spec of the figure “Learning curve”."""

from __future__ import annotations

from tlstudio.specs.spec import ViewSpec

SPEC = ViewSpec(
    id="learning-curve",
    title="Learning curve",
    position=45,
)
