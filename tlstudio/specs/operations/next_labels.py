"""Spec of the operation `next-labels`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class NextLabelsArguments(OperationArguments):
    """Arguments of `next-labels`.

    Attributes:
        project: Folder of the project.
        count: Images to choose.
        order: Those that teach most, those whose suggestion is surest (from 90 %), any, or by path.
        seed: Draws what is drawn.
    """

    project: Path
    count: int = Field(ge=1)
    order: Literal["useful", "sure", "random", "path"] = "useful"
    seed: int = 0


SPEC = OperationSpec(
    id="next-labels",
    title="Choosing images to label",
    summary="Choose the images of a project to label next, with suggestions.",
    arguments=NextLabelsArguments,
)
