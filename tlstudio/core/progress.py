"""How far a pass over many images is, told often enough to be watched and no more."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tlstudio.core.events import Emit, StageProgress

SECONDS_BETWEEN = 0.05

Item = TypeVar("Item")


class ThrottledProgress:
    """Emits `StageProgress`, twenty times a second at most and always at the end.

    Args:
        total: Images.
        stage: Of the events.
        run_id: Of the events.
        emit: Told how far it is.
    """

    def __init__(self, total: int, *, stage: str, run_id: str, emit: Emit) -> None:
        self._total, self._stage, self._run_id, self._emit = total, stage, run_id, emit
        self._done = 0
        self._started = time.monotonic()
        self._told = 0.0

    def step(self) -> None:
        """One image is done."""
        self._done += 1
        now = time.monotonic()
        if now - self._told < SECONDS_BETWEEN and self._done < self._total:
            return
        self._told = now
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
        """The items as they are, each counted once its reader comes back for more."""
        for item in items:
            yield item
            self.step()
