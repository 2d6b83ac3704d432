"""Spec of the operation `evaluate`."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class EvaluateArguments(OperationArguments):
    """Arguments of `evaluate`.

    Attributes:
        run: Folder of a run.
        images: A labelled folder to evaluate on; without, the figures of the run's own test images.
        right: Share of the answers that should be right: the probability below which a person is asked is
            chosen anew for it and kept with the run.
        per_class: Whether, with `right`, classes with enough answers get thresholds of their own.
        ask_below: That probability itself, to be kept with the run; 0 never asks.
    """

    run: Path
    images: Path | None = None
    right: float | None = Field(default=None, gt=0, lt=1)
    per_class: bool = False
    ask_below: float | None = Field(default=None, ge=0, le=1)


SPEC = OperationSpec(
    id="evaluate",
    title="Evaluating",
    summary="figures on the run's test images or another folder",
    arguments=EvaluateArguments,
)
