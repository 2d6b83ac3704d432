"""Spec of the operation `strategies`."""

from __future__ import annotations

from tlstudio.specs.spec import OperationSpec

SPEC = OperationSpec(
    id="strategies",
    title="Listing strategies",
    summary="ways of transferring knowledge, with their inputs and options",
)
