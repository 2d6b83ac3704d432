"""Spec of the figure “Loss”."""

from __future__ import annotations

from tlstudio.specs.spec import ViewSpec

SPEC = ViewSpec(
    id="loss-curve",
    title="Loss",
    position=50,
)
