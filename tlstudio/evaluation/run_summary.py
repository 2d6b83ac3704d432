"""One line of a list of runs, read from the run folder.

Importing this module loads neither numpy nor torch nor pydantic: the window does it at its start.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

from tlstudio.core.errors import UserError
from tlstudio.core.files import sha256_of
from tlstudio.core.types import SPLIT_NAMES
from tlstudio.evaluation.comparisons import read_comparisons
from tlstudio.evaluation.run_result import RunResult, read_run_result
from tlstudio.project.runs import RunFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One line of a list of runs.

    Attributes:
        name: Name of the run folder.
        path: Absolute path of the run folder.
        status: "finished", "interrupted" (can be resumed) or "started" (no checkpoint yet).
        backbone: Id of the backbone.
        strategy: Id of the strategy.
        epoch: Last epoch with a checkpoint or event, 0 when there is none.
        epochs: Planned number of epochs.
        accuracy: Test accuracy, else validation accuracy, as a fraction; None when unfinished.
        interval: 95 % interval of the accuracy.
        n: Number of images behind the accuracy.
        split: Where these images are from, "test" or "validation".
        start_returned: Whether the strategy did not help, so that the run kept the plain start.
        data_sha256: Of the images and labels that it was made from; empty where that is not known.
        images: Number of these images; 0 when unfinished.
        tested: Hash that tells apart the images that it was tested on; empty of older runs.
    """

    name: str
    path: str
    status: str
    backbone: str
    strategy: str
    epoch: int
    epochs: int
    accuracy: float | None = None
    interval: tuple[float, float] | None = None
    n: int = 0
    split: str = "validation"
    start_returned: bool = False
    data_sha256: str = ""
    images: int = 0
    tested: str = ""


def summarise(run: RunFolder) -> RunSummary:
    """Read what a list of runs shows; never raises for a damaged run, which counts as interrupted."""
    # The recipe is read as plain values: checking it would load pydantic, and a damaged one is listed too.
    try:
        recipe = run.read_json(run.recipe)
    except (UserError, OSError):
        recipe = {}
    backbone, epochs_planned = recipe.get("backbone"), recipe.get("epochs")
    result = _result(run)
    if result is None:
        epochs = [getattr(event, "epoch", 0) for event in run.read_events()]
        status, epoch = "interrupted" if run.last_checkpoint.exists() else "started", max(epochs, default=0)
    else:
        status, epoch = "finished", result.epochs
    summary = RunSummary(
        name=run.path.name,
        path=str(run.path),
        status=status,
        backbone=str(backbone.get("id", "")) if isinstance(backbone, dict) else "",
        strategy=str(recipe.get("strategy", "")),
        epoch=epoch,
        epochs=epochs_planned if isinstance(epochs_planned, int) else 0,
        data_sha256=str(recipe.get("data_sha256") or ""),
    )
    if result is None:
        return summary
    metrics = result.reported.primary.metrics
    return replace(
        summary,
        accuracy=metrics.accuracy,
        interval=metrics.interval.pair if metrics.interval else None,
        n=metrics.n,
        split=result.reported.subset,
        start_returned=_start_returned(run),
        images=sum(result.images.get(name, 0) for name in SPLIT_NAMES),
        tested=_tested(run),
    )


def _tested(run: RunFolder) -> str:
    try:
        return sha256_of(run.test_images)
    except OSError:
        return ""


def _start_returned(run: RunFolder) -> bool:
    try:
        compared = read_comparisons(run).strategy
    except (UserError, OSError):
        return False
    return compared is not None and compared.start_returned


def _result(run: RunFolder) -> RunResult | None:
    try:
        status = run.metrics.stat()
        return _read_once(run, status.st_mtime_ns, status.st_size)
    except (UserError, OSError):
        return None


@functools.lru_cache(maxsize=256)
def _read_once(run: RunFolder, _changed_ns: int, _bytes: int) -> RunResult:
    """Read a run's metrics once for each state of the file: lists of runs are made anew again and again."""
    return read_run_result(run)
