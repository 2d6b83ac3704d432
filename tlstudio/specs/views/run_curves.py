"""Spec of the figure “Curves of two runs”."""

from __future__ import annotations

from tlstudio.specs.spec import ViewSpec

SPEC = ViewSpec(
    id="run-curves",
    title="Curves of two runs",
    position=75,
)
