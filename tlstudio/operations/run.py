"""Runs an operation by its id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pydantic import BaseModel

from tlstudio.core.conveniences import sentences_to
from tlstudio.core.events import WarningRaised
from tlstudio.operations.context import Context, Values
from tlstudio.specs import OPERATIONS
from tlstudio.specs.registry import implementation


def run_operation(operation_id: str, arguments: BaseModel | Mapping[str, Any], *, context: Context) -> Values:
    """Validate the arguments of an operation and run it.

    Args:
        operation_id: One of `OPERATIONS`.
        arguments: The operation's arguments, or their plain JSON values.
        context: Receives the events and controls the operation.

    Returns:
        Plain JSON values.

    Raises:
        KeyError: There is no such operation.
        ValidationError: The arguments are not those of the operation.
        UserError, Cancelled: Raised by the operation.
    """
    spec = OPERATIONS.get(operation_id)
    checked = spec.arguments.model_validate(arguments)

    def warn(sentence: str) -> None:
        context.emit(WarningRaised(run_id=context.run_id, code="unwritable-place", message=sentence))

    with sentences_to(warn):
        return cast(Values, implementation(spec, package="tlstudio.operations")(checked, context))
