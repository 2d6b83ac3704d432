"""Computes random views in a background thread while training runs, so that the first epoch starts early."""

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
from tlstudio.features.views import View, views_in_epoch

POLL_SECONDS = 0.1
"""Interval at which a waiting thread checks for commands."""


class BackgroundViews:
    """Activations of training images to which one random view is added per epoch.

    While an epoch trains, a background thread computes the view of the next one. Only the training thread may
    use this.

    Args:
        start: The views that are cached already, the plain one first.
        later: Further views, in the order in which they are added.
        run_id: Written into events.
        emit: Receives an event when training has to wait for a view.
        control: Of the job; its commands hold for the background thread as well.
    """

    def __init__(
        self, start: Activations, *, later: Sequence[View], run_id: str, emit: Emit, control: Control
    ) -> None:
        self.images: tuple[RunImage, ...] = start.images
        self.views: tuple[View, ...] = (*start.views, *later)
        self._start = start
        self._added: list[Activations] = []
        self._pending: Future[Activations] | None = None
        self._run_id = run_id
        self._emit = emit
        self._control = _BackgroundControl(control)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="views")

    def close(self) -> None:
        """End the background thread; a view that it is computing is abandoned."""
        self._control.closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def views_in_epoch(self, epoch: int) -> int:
        """See `views.views_in_epoch`."""
        return views_in_epoch(self.views, epoch)

    def start_epoch(self, epoch: int) -> None:
        """Wait for this epoch's views, and start to compute the view of the next epoch.

        Raises:
            UserError: An image can no longer be read.
            Cancelled: The job was cancelled or stopped.
        """
        for activations in (self._start, *self._added):
            activations.start_epoch(epoch)
        while len(self._start.views) + len(self._added) < self.views_in_epoch(epoch):
            self._added.append(self._wait_for(self._pending or self._submit_next()))
            self._pending = None
        if self._pending is None and len(self._start.views) + len(self._added) < len(self.views):
            self._pending = self._submit_next()

    def _wait_for(self, pending: Future[Activations]) -> Activations:
        announced = False
        while wait([pending], timeout=POLL_SECONDS).not_done:
            if not announced:
                self._announce("features", "Making variants of the images")
                announced = True
            self._control.check(on_pause=lambda: self._emit(Paused(run_id=self._run_id)))
        activations = pending.result()
        if announced:
            self._announce("training", "Training")
        return activations

    def _announce(self, stage: str, title: str) -> None:
        self._emit(StageStarted(run_id=self._run_id, stage=stage, title=title))

    def _submit_next(self) -> Future[Activations]:
        view = self.views[len(self._start.views) + len(self._added)]
        return self._pool.submit(self._collect, view)

    def _collect(self, view: View) -> Activations:
        (activations,) = self._start.extractor.collect(
            (self.images, (view,)), run_id=self._run_id, emit=ignore, control=self._control
        )
        return activations

    def read(self, indices: Sequence[int], view_indices: Sequence[int] | None = None) -> Tensor:
        """See `Activations.read`."""
        if view_indices is None or not self._added:
            return self._start.read(indices, view_indices)
        first = len(self._start.views)
        out: Tensor | None = None
        for number in sorted(set(view_indices)):
            rows = [row for row, view in enumerate(view_indices) if view == number]
            chosen = [indices[row] for row in rows]
            if number < first:
                part = self._start.read(chosen, [number] * len(chosen))
            else:
                part = self._added[number - first].read(chosen)
            if out is None:
                out = torch.empty(len(indices), *part.shape[1:], dtype=part.dtype)
            out[rows] = part
        return out if out is not None else self._start.read(indices)


class _BackgroundControl(Control):
    """The control of the background thread: that of the job, and whether the views are still needed."""

    def __init__(self, control: Control) -> None:
        super().__init__()
        self._job = control
        self.closed = False

    def check(self, *, on_pause: Callable[[], None] | None = None) -> None:
        """See `Control.check`; stopping ends this too, because the views are for later epochs only."""
        if self._job.paused and on_pause is not None:
            on_pause()
        while self._job.paused and not self.closed:
            time.sleep(POLL_SECONDS)
        if self.closed or self._job.cancelled or self._job.stopped:
            raise Cancelled
