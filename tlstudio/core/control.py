"""Cooperative control of a running job: pause, resume, stop, cancel. Jobs check it about once per batch."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tlstudio.core.errors import Cancelled


class Control:
    """The commands given to one running job. Safe to call from any thread.

    Cancel: leave at the next safe point; what is on disk stays and can be resumed.
    Stop: end training now, and finish the run with its best checkpoint.
    """

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self._program_ended = threading.Event()
        self._stopped = threading.Event()
        self._running = threading.Event()
        self._running.set()

    def cancel(self) -> None:
        """Request that the job leaves; wakes it if it is paused."""
        self._cancelled.set()
        self._running.set()

    def leave(self) -> None:
        """Request that the job leaves because the program ends; one that was cancelled before stays so."""
        if not self.cancelled:
            self._program_ended.set()
        self.cancel()

    def stop(self) -> None:
        """Request that training ends early with its best checkpoint; wakes the job if it is paused."""
        self._stopped.set()
        self._running.set()

    def pause(self) -> None:
        """Hold the job at its next safe point."""
        if not (self.cancelled or self.stopped):
            self._running.clear()

    def resume(self) -> None:
        """Let a paused job continue."""
        self._running.set()

    def consume_stop(self) -> bool:
        """Return whether a stop was requested, and clear the request: it ends one part of the job only."""
        requested = self._stopped.is_set()
        self._stopped.clear()
        return requested

    @property
    def cancelled(self) -> bool:
        """True once cancelling was requested."""
        return self._cancelled.is_set()

    @property
    def program_ended(self) -> bool:
        """True if the end of the program cut the job off, and nobody had cancelled it."""
        return self._program_ended.is_set()

    @property
    def stopped(self) -> bool:
        """True from a request to stop with the best checkpoint until `consume_stop` clears it."""
        return self._stopped.is_set()

    @property
    def paused(self) -> bool:
        """True while the job is paused, or will be at its next safe point."""
        return not self._running.is_set()

    def check(self, *, on_pause: Callable[[], None] | None = None) -> None:
        """Mark a safe point of the job: waits here while paused, raises if cancelled.

        Args:
            on_pause: Called once when the job is about to wait.

        Raises:
            Cancelled: Cancelling was requested.
        """
        if self.paused and on_pause is not None:
            on_pause()
        self._running.wait()
        if self.cancelled:
            raise Cancelled
