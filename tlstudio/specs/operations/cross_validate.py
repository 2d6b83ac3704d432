"""Spec of the operation `cross-validate`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class CrossValidateArguments(OperationArguments):
    """Arguments of `cross-validate`.

    Attributes:
        run: Folder of a finished run whose head alone learned.
        project: Folder of the project that holds its images and their labels of now; without one, the images
            are read from where the run had them.
    """

    run: Path
    project: Path | None = None


SPEC = OperationSpec(
    id="cross-validate",
    title="Cross-validating",
    summary="Lets all images of a run be answered in turn by heads that did not learn from them.",
    arguments=CrossValidateArguments,
)
