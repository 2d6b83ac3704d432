"""Random views that are filled in while training already runs: the first epoch waits for one pass only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from types import TracebackType

import torch
from torch import Tensor

from tlstudio.core.control import Control
from tlstudio.core.device import single_threaded_pool
from tlstudio.core.errors import Cancelled
from tlstudio.training.frozen import Activations
from tlstudio.training.images import RunImage
from tlstudio.training.views import View

Collect = Callable[[View, Control], Activations]
"""Computes the activations of all training images in one more view, or finds them in the cache."""


class GrowingActivations:
    """Activations of training images whose random views come one after the other, one per epoch.

    Epoch 1 draws from the views that are there at the start, epoch 2 from one more, and so on. Which views an
    epoch draws from depends on its number alone, so a run that goes on, or finds them all in the cache, gets
    the same ones. While an epoch trains, a thread computes the next epoch's view, as an `ActivationSource`
    only the thread that trains may use this.

    Args:
        start: The views that are there, the plain one first.
        later: Further views, in the order they come.
        collect: Called in the other thread.
        control: Of the job; cancelling and pausing it holds for the other thread as well.
    """

    def __init__(
        self, start: Activations, *, later: Sequence[View], collect: Collect, control: Control
    ) -> None:
        self.images: tuple[RunImage, ...] = start.images
        self.views: tuple[View, ...] = (*start.views, *later)
        self._start = start
        self._more: list[Activations] = []
        self._coming: Future[Activations] | None = None
        self._collect = collect
        self._control = _UntilClosed(control)
        self._pool = single_threaded_pool(1, name="views")

    def __enter__(self) -> GrowingActivations:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._control.closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def views_at(self, epoch: int) -> int:
        """How many of the views epoch 1, 2, … draws from."""
        return min(len(self.views), len(self._start.views) + max(0, epoch - 1))

    def start_epoch(self, epoch: int) -> None:
        """Wait for this epoch's views, and let the next one's be computed meanwhile.

        Raises:
            UserError: An image can no longer be read.
            Cancelled: The person cancelled.
        """
        for activations in (self._start, *self._more):
            activations.start_epoch(epoch)
        wanted = self.views_at(epoch) - len(self._start.views)
        while len(self._more) < wanted:
            self._more.append((self._coming or self._next()).result())
            self._coming = None
        if self._coming is None and len(self._start.views) + len(self._more) < len(self.views):
            self._coming = self._next()

    def _next(self) -> Future[Activations]:
        view = self.views[len(self._start.views) + len(self._more)]
        return self._pool.submit(self._collect, view, self._control)

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
        """See `Control.check`; nothing is told of a pause, since the training tells of it."""
        if self.closed or self._job.cancelled:
            raise Cancelled
        if not self._job.stopped:
            self._job.check()
