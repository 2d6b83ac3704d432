"""Spec of the figure “Calibration”."""

from __future__ import annotations

from tlstudio.specs.spec import ViewSpec

SPEC = ViewSpec(
    id="reliability",
    title="Calibration",
    position=30,
)
