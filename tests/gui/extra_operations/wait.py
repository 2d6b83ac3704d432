"""A job of a known length, for tests of the footer and of the conversation with the engine."""

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class WaitArguments(OperationArguments):
    seconds: float


SPEC = OperationSpec(id="wait", title="Waiting", summary="Waits.", arguments=WaitArguments)
