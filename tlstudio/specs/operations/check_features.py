"""Spec of the operation `check-features`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class CheckFeaturesArguments(OperationArguments):
    """Arguments of `check-features`.

    Attributes:
        project: Folder of the project.
    """

    project: Path


SPEC = OperationSpec(
    id="check-features",
    title="Comparing the images",
    summary="Data health of a project by the features of its images; those that are missing are computed.",
    arguments=CheckFeaturesArguments,
)
