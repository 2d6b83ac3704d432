"""Progress of a pass over many images, reported at a limited rate."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tlstudio.core.events import Emit, StageProgress

SECONDS_BETWEEN = 0.05

Item = TypeVar("Item")


class ThrottledProgress:
    """Counts images and emits `StageProgress`: at most twenty times a second, and always at the end.

    Args:
        total: Number of images.
        stage: Stage id in the events.
        run_id: Run id in the events.
        emit: Receives the events.
    """

    def __init__(self, total: int, *, stage: str, run_id: str, emit: Emit) -> None:
        self._total, self._stage, self._run_id, self._emit = total, stage, run_id, emit
        self._done = 0
        self._started = time.monotonic()
        self._emitted = 0.0

    def step(self) -> None:
        """Count one image as done."""
        self._done += 1
        now = time.monotonic()
        if now - self._emitted < SECONDS_BETWEEN and self._done < self._total:
            return
        self._emitted = now
        seconds = max(now - self._started, 1e-6)
        self._emit(
            StageProgress(
                run_id=self._run_id,
                stage=self._stage,
                done=self._done,
                total=self._total,
                seconds_left=seconds / self._done * (self._total - self._done),
                images_per_second=self._done / seconds,
            )
        )

    def passed(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield the items unchanged; each is counted as done when the next one is requested."""
        for item in items:
            yield item
            self.step()
