"""Spec of the figure “Accuracy”."""

from __future__ import annotations

from tlstudio.specs.spec import ViewSpec

SPEC = ViewSpec(
    id="accuracy-curve",
    title="Accuracy",
    position=60,
)
