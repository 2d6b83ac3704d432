"""Spec of the operation `search-backbones`."""

from __future__ import annotations

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class SearchBackbonesArguments(OperationArguments):
    """Arguments of `search-backbones`.

    Attributes:
        text: Part of the name.
    """

    text: str


SPEC = OperationSpec(
    id="search-backbones",
    title="Searching backbones",
    summary="Finds other backbones by a part of their name.",
    arguments=SearchBackbonesArguments,
)
