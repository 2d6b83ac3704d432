"""Random views that are filled in while training already runs: the first epoch waits for one pass only."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

import torch
from torch import Tensor

from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.core.events import Emit, Paused, StageStarted, ignore
from tlstudio.features.extractor import Activations
from tlstudio.features.images import RunImage
from tlstudio.features.views import View, views_at

LOOK_SECONDS = 0.1
"""So often whoever waits looks whether the person wants something else."""


class GrowingActivations:
    """Activations of training images whose random views come one after the other, one per epoch.

    While an epoch trains, a thread computes the next epoch's view. Only the thread that trains may use this.

    Args:
        start: The views that are there, the plain one first.
        later: Further views, in the order they come.
        run_id: Written into events.
        emit: Told when training has to wait.
        control: Of the job; what the person wishes holds for the other thread as well.
    """

    def __init__(
        self, start: Activations, *, later: Sequence[View], run_id: str, emit: Emit, control: Control
    ) -> None:
        self.images: tuple[RunImage, ...] = start.images
        self.views: tuple[View, ...] = (*start.views, *later)
        self._start = start
        self._more: list[Activations] = []
        self._coming: Future[Activations] | None = None
        self._run_id = run_id
        self._emit = emit
        self._control = _UntilClosed(control)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="views")

    def close(self) -> None:
        """End the thread; a view that is under way is left."""
        self._control.closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def views_at(self, epoch: int) -> int:
        """See `views.views_at`."""
        return views_at(self.views, epoch)

    def start_epoch(self, epoch: int) -> None:
        """Wait for this epoch's views, and let the next one's be computed meanwhile.

        Raises:
            UserError: An image can no longer be read.
            Cancelled: The person cancelled or stopped.
        """
        for activations in (self._start, *self._more):
            activations.start_epoch(epoch)
        while len(self._start.views) + len(self._more) < self.views_at(epoch):
            self._more.append(self._waited(self._coming or self._next()))
            self._coming = None
        if self._coming is None and len(self._start.views) + len(self._more) < len(self.views):
            self._coming = self._next()

    def _waited(self, coming: Future[Activations]) -> Activations:
        told = False
        while wait([coming], timeout=LOOK_SECONDS).not_done:
            if not told:
                self._tell("features", "Making variants of the images")
                told = True
            self._control.check(on_pause=lambda: self._emit(Paused(run_id=self._run_id)))
        activations = coming.result()
        if told:
            self._tell("training", "Training")
        return activations

    def _tell(self, stage: str, title: str) -> None:
        self._emit(StageStarted(run_id=self._run_id, stage=stage, title=title))

    def _next(self) -> Future[Activations]:
        view = self.views[len(self._start.views) + len(self._more)]
        return self._pool.submit(self._collect, view)

    def _collect(self, view: View) -> Activations:
        (activations,) = self._start.side.collect(
            (self.images, (view,)), run_id=self._run_id, emit=ignore, control=self._control
        )
        return activations

    def read(self, indices: Sequence[int], view_indices: Sequence[int] | None = None) -> Tensor:
        """See `Activations.read`."""
        if view_indices is None or not self._more:
            return self._start.read(indices, view_indices)
        there = len(self._start.views)
        out: Tensor | None = None
        for number in sorted(set(view_indices)):
            rows = [row for row, view in enumerate(view_indices) if view == number]
            chosen = [indices[row] for row in rows]
            if number < there:
                part = self._start.read(chosen, [number] * len(chosen))
            else:
                part = self._more[number - there].read(chosen)
            if out is None:
                out = torch.empty(len(indices), *part.shape[1:], dtype=part.dtype)
            out[rows] = part
        return out if out is not None else self._start.read(indices)


class _UntilClosed(Control):
    """The wishes about the job, and whether anybody still wants the views."""

    def __init__(self, control: Control) -> None:
        super().__init__()
        self._job = control
        self.closed = False

    def check(self, *, on_pause: Callable[[], None] | None = None) -> None:
        """See `Control.check`; stopping, too, ends what is only wanted for epochs to come."""
        if self._job.paused and on_pause is not None:
            on_pause()
        while self._job.paused and not self.closed:
            time.sleep(LOOK_SECONDS)
        if self.closed or self._job.cancelled or self._job.stopped:
            raise Cancelled
