"""Which runtimes this computer has."""

from __future__ import annotations

from tlstudio.compute.device import choose_device
from tlstudio.models.runtimes import RUNTIMES
from tlstudio.operations.context import Context, Values
from tlstudio.specs.spec import NoArguments


def runtimes(arguments: NoArguments, context: Context) -> Values:
    """List what can compute frozen stages on this computer: `{"ids"}`."""
    device = choose_device().device
    return {"ids": [runtime.id for runtime in RUNTIMES if runtime.usable(device)]}


IMPLEMENTATION = runtimes
