"""Spec of the figure “ROC curves”."""

from __future__ import annotations

from tlstudio.specs.spec import ViewSpec

SPEC = ViewSpec(
    id="roc",
    title="ROC curves",
    position=34,
)
