"""How a person stops, pauses or cuts short a running job: cooperative, asked about once per batch."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tlstudio.core.errors import Cancelled


class Control:
    """The wishes of the person about one running job. Safe to call from any thread.

    Cancel means: leave at the next safe point, what is on disk stays and can be resumed.
    Stop means: end training now, keep the best checkpoint and finish the run with it.
    """

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self._stopped = threading.Event()
        self._running = threading.Event()
        self._running.set()

    def cancel(self) -> None:
        """Ask the job to leave; wakes it if it is paused."""
        self._cancelled.set()
        self._running.set()

    def stop(self) -> None:
        """Ask training to end early and keep its best; wakes it if it is paused."""
        self._stopped.set()
        self._running.set()

    def pause(self) -> None:
        """Hold the job at its next safe point."""
        if not (self.cancelled or self.stopped):
            self._running.clear()

    def resume(self) -> None:
        """Let a paused job go on."""
        self._running.set()

    def take_stop(self) -> bool:
        """Whether the person asked to stop; forgotten then, because only a part of the job was meant."""
        asked = self._stopped.is_set()
        self._stopped.clear()
        return asked

    @property
    def cancelled(self) -> bool:
        """Whether the person asked to cancel."""
        return self._cancelled.is_set()

    @property
    def stopped(self) -> bool:
        """Whether the person asked to stop training and keep the best."""
        return self._stopped.is_set()

    @property
    def paused(self) -> bool:
        """Whether the job is held or about to be."""
        return not self._running.is_set()

    def check(self, *, on_pause: Callable[[], None] | None = None) -> None:
        """A safe point: wait here while paused, leave if cancelled.

        Args:
            on_pause: Called once when the job is about to wait.

        Raises:
            Cancelled: The person asked to cancel.
        """
        if self.paused and on_pause is not None:
            on_pause()
        self._running.wait()
        if self.cancelled:
            raise Cancelled
