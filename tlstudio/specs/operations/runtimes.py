"""Spec of the operation `runtimes`."""

from __future__ import annotations

from tlstudio.specs.spec import OperationSpec

SPEC = OperationSpec(
    id="runtimes",
    title="Looking for runtimes",
    summary="Which runtimes can compute frozen stages on this computer.",
)
