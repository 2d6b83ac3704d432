"""Spec of the operation `add-images`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class AddImagesArguments(OperationArguments):
    """Arguments of `add-images`.

    Attributes:
        project: Folder of the project.
        paths: Images, folders and zip files.
        class_name: The label that all of them get; None leaves it to their folders.
    """

    project: Path
    paths: list[Path]
    class_name: str | None = None


SPEC = OperationSpec(
    id="add-images",
    title="Adding images",
    summary="Adds images to a project; files stay where they are, what a zip holds is unpacked into it.",
    arguments=AddImagesArguments,
)
