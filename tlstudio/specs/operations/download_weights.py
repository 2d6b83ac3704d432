"""Spec of the operation `download-weights`."""

from __future__ import annotations

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class DownloadWeightsArguments(OperationArguments):
    """Arguments of `download-weights`.

    Attributes:
        backbone: Id of the backbone.
    """

    backbone: str


SPEC = OperationSpec(
    id="download-weights",
    title="Downloading the backbone",
    summary="Fetches the weights of a backbone.",
    arguments=DownloadWeightsArguments,
)
