"""Spec of the operation `use-runtime`."""

from __future__ import annotations

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class UseRuntimeArguments(OperationArguments):
    """Arguments of `use-runtime`.

    Attributes:
        runtime: Id of a runtime, or "auto" for the fastest one here.
    """

    runtime: str


SPEC = OperationSpec(
    id="use-runtime",
    title="Changing the runtime",
    summary="Computes frozen stages with this runtime from the next job on.",
    arguments=UseRuntimeArguments,
)
