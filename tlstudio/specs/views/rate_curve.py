"""Spec of the figure “Loss by learning rate”."""

from __future__ import annotations

from tlstudio.specs.spec import ViewSpec

SPEC = ViewSpec(
    id="rate-curve",
    title="Loss by learning rate",
    position=70,
)
