"""Spec of the figure “Precision and recall”."""

from __future__ import annotations

from tlstudio.specs.spec import ViewSpec

SPEC = ViewSpec(
    id="precision-recall",
    title="Precision and recall",
    position=36,
)
