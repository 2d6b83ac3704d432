"""The progress bar of the command line: a bar on a terminal, single lines elsewhere."""

from __future__ import annotations

import os
import time
from itertools import zip_longest
from typing import TextIO

from tlstudio.cli.flag_words import with_flags
from tlstudio.core.events import (
    BatchEnded,
    EpochEnded,
    Event,
    StageProgress,
    StageStarted,
    TrialEnded,
    WarningRaised,
)
from tlstudio.core.freeze_words import tried_words
from tlstudio.core.percent import percent, percent_range
from tlstudio.core.visible import shortened, visible

WIDTH = 28


class ProgressBar:
    """An `Emit` that draws progress: a bar on a terminal, elsewhere one line per stage and epoch.

    Args:
        stream: Where to draw, usually stderr.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._title = ""
        self._drawn = 0.0
        self._open = False

    def __call__(self, event: Event) -> None:
        """Draw an event; events that are not shown are ignored."""
        if isinstance(event, StageStarted):
            self._title = event.title
            self._line(event.title + ("" if event.total is None else f" ({event.total})"))
        elif isinstance(event, StageProgress) and event.total:
            self._bar(event.done, event.total, left=event.seconds_left)
        elif isinstance(event, BatchEnded):
            done = (event.epoch - 1) * event.steps + event.step
            self._bar(done, event.epochs * event.steps, left=event.seconds_left)
        elif isinstance(event, EpochEnded):
            self._line(_epoch(event))
        elif isinstance(event, TrialEnded):
            self._line(_trial(event))
        elif isinstance(event, WarningRaised):
            self._line(f"Note: {with_flags(event.message)}")
            for path, reason in zip_longest(event.paths, event.reasons):
                self._line(f"    {path}: {reason}" if reason else f"    {path}")

    def close(self) -> None:
        """End an unfinished bar with a line break."""
        if self._open:
            self._write("\n")
            self._open = False

    def _bar(self, done: int, total: int, *, left: float | None) -> None:
        now = time.monotonic()
        if not self._live or (now - self._drawn < 0.1 and done < total):
            return
        self._drawn = now
        filled = WIDTH * min(done, total) // total
        text = f"{self._title} [{'#' * filled}{'.' * (WIDTH - filled)}] {done}/{total}"
        self._write(f"\r\x1b[2K{text}{'' if left is None else f', {left:.0f} s left'}")
        self._open = True

    def _line(self, text: str) -> None:
        text = visible(shortened(text))
        self._write(f"\r\x1b[2K{text}\n" if self._open else f"{text}\n")
        self._open = False

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:
            silence(self._stream)  # a log file that is full must not end the work


def silence(stream: TextIO) -> None:
    """Redirect a stream that cannot be written to the null device.

    Otherwise Python tries to flush it at exit, and ends with a traceback and another exit code.
    """
    null_device = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null_device, stream.fileno())
    os.close(null_device)


def _trial(event: TrialEnded) -> str:
    low, high = event.interval
    best = "  best so far" if event.best else ""
    gain = ""
    if event.difference is not None and event.noise is not None:
        gain = f", {100 * event.difference:+.1f} ± {100 * event.noise:.1f} points"
        best = best or (": no more, so it ended early" if event.ended_early else ": not clearly more")
    accuracy, within = percent(event.accuracy, digits=1), percent_range(low, high)
    return f"{tried_words(event.freeze, event.option)}: {accuracy} of {event.n} ({within}){gain}{best}"


def _epoch(event: EpochEnded) -> str:
    parts = [f"{event.axis} {event.epoch}/{event.epochs}"]
    if event.train_loss is not None:
        parts.append(f"train loss {event.train_loss:.4f}")
    if event.validation_loss is not None:
        parts.append(f"validation loss {event.validation_loss:.4f}")
    if event.validation_accuracy is not None:
        parts.append(f"accuracy {percent(event.validation_accuracy, digits=1)}")
    if event.seconds_left is not None:
        parts.append(f"{event.seconds_left:.0f} s left")
    return "  ".join(parts)
