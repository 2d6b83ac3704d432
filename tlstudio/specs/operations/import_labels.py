"""Spec of the operation `import-labels`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class ImportLabelsArguments(OperationArguments):
    """Arguments of `import-labels`.

    Attributes:
        project: Folder of the project.
        table: With a column of images and one of labels.
    """

    project: Path
    table: Path


SPEC = OperationSpec(
    id="import-labels",
    title="Reading labels",
    summary="Give the images of a project the labels of a table, as one step that can be undone.",
    arguments=ImportLabelsArguments,
)
