"""Spec of the operation `explain-image`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class ExplainImageArguments(OperationArguments):
    """Arguments of `explain-image`.

    Attributes:
        run: Folder of a run with a trained classifier.
        image: File of the image.
        class_name: Class of the first label column to explain; without, the one that the classifier names.
        out: Picture to write, a PNG; without, one in the cache.
    """

    run: Path
    image: Path
    class_name: str | None = None
    out: Path | None = None


SPEC = OperationSpec(
    id="explain-image",
    title="Finding out where it looked",
    summary="where in an image the classifier looked",
    arguments=ExplainImageArguments,
)
