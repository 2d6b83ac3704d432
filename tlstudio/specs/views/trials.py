"""Spec of the figure “Accuracy against time”."""

from __future__ import annotations

from tlstudio.specs.spec import ViewSpec

SPEC = ViewSpec(
    id="trials",
    title="Accuracy against time",
    position=40,
)
