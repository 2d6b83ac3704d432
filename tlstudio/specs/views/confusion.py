"""The figure “Confusion matrix”, described."""

from __future__ import annotations

from tlstudio.specs.spec import ViewSpec

SPEC = ViewSpec(
    id="confusion",
    title="Confusion matrix",
    position=10,
)
