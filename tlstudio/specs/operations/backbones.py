"""Spec of the operation `backbones`."""

from __future__ import annotations

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class BackbonesArguments(OperationArguments):
    """Arguments of `backbones`.

    Attributes:
        offline: Only those that need no download.
    """

    offline: bool = False


SPEC = OperationSpec(
    id="backbones",
    title="Listing backbones",
    summary="what can be chosen",
    arguments=BackbonesArguments,
)
