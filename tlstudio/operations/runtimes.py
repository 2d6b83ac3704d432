"""Lists the runtimes that this computer can use."""

from __future__ import annotations

from tlstudio.compute.device import choose_device
from tlstudio.models.runtimes import usable_runtimes
from tlstudio.operations.context import Context, Values
from tlstudio.specs.spec import NoArguments


def runtimes(arguments: NoArguments, context: Context) -> Values:
    """List the runtimes that can compute frozen stages on this computer: `{"ids"}`."""
    device = choose_device().device
    return {"ids": [runtime.id for runtime in usable_runtimes(device)]}


IMPLEMENTATION = runtimes
