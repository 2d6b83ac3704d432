"""Spec of the figure “Confusion matrix”."""

from __future__ import annotations

from tlstudio.specs.spec import ViewSpec

SPEC = ViewSpec(
    id="confusion",
    title="Confusion matrix",
    position=10,
)
