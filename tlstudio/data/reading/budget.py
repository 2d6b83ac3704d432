"""Bounds the memory of decoding: the pixels of all files in flight, over all threads together."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

MOST_PIXELS = 200_000_000
"""Most pixels of all files together: as many as the largest single file may have."""


class PixelBudget:
    """Lets threads decode files as long as all files together stay within a number of pixels.

    A file that is larger than the whole budget waits until it is alone. A thread never waits while it holds
    pixels, so two threads cannot wait for each other.

    Args:
        most: Number of pixels.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._claimed = 0
        self._changed = threading.Condition()
        self._own = threading.local()

    @contextmanager
    def one_file(self) -> Iterator[None]:
        """Count what the thread claims until the block ends; a block inside another one changes nothing."""
        if getattr(self._own, "pixels", None) is not None:
            yield
            return
        self._own.pixels = 0
        try:
            yield
        finally:
            self._give_back()
            self._own.pixels = None

    def claim(self, pixels: int) -> None:
        """Wait for room for the file of this thread; outside of `one_file` nothing is counted.

        Args:
            pixels: Of the whole file; a second claim for the same file replaces the first one.
        """
        held = getattr(self._own, "pixels", None)
        if held is None or pixels <= held:
            return
        self._give_back()
        with self._changed:
            self._changed.wait_for(lambda: not self._claimed or self._claimed + pixels <= self._most)
            self._claimed += pixels
            self._own.pixels = pixels

    def _give_back(self) -> None:
        with self._changed:
            self._claimed -= self._own.pixels
            self._own.pixels = 0
            self._changed.notify_all()


BUDGET = PixelBudget(MOST_PIXELS)
"""The budget that every reader of images claims from."""
