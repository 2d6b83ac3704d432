"""One progress over all tries of "Choose for me": which try, how far, and the time left over all of them.

How long a try will take is first expected from how long each stage computes on this computer, and corrected
by what the tries so far took: computing frozen stages and training have a speed each.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from tlstudio.core.events import BatchEnded, Emit, Event, Paused, StageProgress, StageStarted, WarningRaised
from tlstudio.specs.recipe import Recipe
from tlstudio.training.state import TrainingState

STAGE = "choice"
STEPS = 100
"""Steps of the progress: hundredths of the whole."""
SECONDS_BETWEEN = 0.1
TRAINING_COST = 3.0
"""A training step takes about as long as this many computations of the same stages."""
TIMED_IMAGES = 4


def likely_folds(folds: int) -> float:
    """On how many folds a try runs that may end after the first: the geometric mean of one and of all."""
    return math.sqrt(folds)


@dataclass(slots=True)
class _Speed:
    """Expected and measured seconds of one kind of work."""

    expected: float = 0.0
    measured: float = 0.0

    @property
    def ratio(self) -> float:
        """Measured per expected seconds; 1 before anything was measured."""
        return self.measured / self.expected if self.expected > 0 and self.measured > 0 else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedTry:
    """Expected seconds of one try.

    Attributes:
        frozen: Of computing the frozen stages for all images.
        training: Of training on all folds.
    """

    frozen: float
    training: float


class TriesProgress:
    """Turns the events of the tries into one progress.

    Args:
        expected: One for each try, in order.
        folds: On how many folds each is tried.
        run_id: Run id in the events.
        emit: Receives the progress, and warnings and pauses of the tries.
        clock: Seconds.
    """

    def __init__(
        self,
        expected: Sequence[ExpectedTry],
        *,
        folds: int,
        run_id: str,
        emit: Emit,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._expected, self._folds, self._run_id, self._emit = list(expected), folds, run_id, emit
        self._clock = clock
        self._number = -1
        self._best = 0
        self._fold = 0
        self._done = _Speed(), _Speed()
        self._shares = [0.0, 0.0]  # of the frozen part and of the training of the try under way
        self._last_time = self._last_emitted = clock()
        self._furthest = 0

    def add(self, expected: Sequence[ExpectedTry]) -> None:
        """Add tries that come after the others."""
        self._expected += expected

    def begin(self, title: str) -> None:
        """Begin the next try.

        Args:
            title: What is tried, e.g. "only the head".
        """
        self._number += 1
        self._fold, self._shares = 0, [0.0, 0.0]
        self._last_time = self._clock()
        number, count = self._number + 1, len(self._expected)
        self._emit(StageStarted(run_id=self._run_id, stage=STAGE, title=f"Try {number} of {count}: {title}"))
        self._report()

    def end(self, *, is_best: bool) -> None:
        """End the try; `is_best`: it is the best so far, which would be trained at the end."""
        if self._fold < self._folds:  # it ended early: what was left out took no time
            self._shares = [1.0, 1.0]
        else:
            self._advance(1, 1.0)
        if is_best:
            self._best = self._number
        self._report()

    def listen(self, event: Event) -> None:
        """Receive an event of the try under way; this is its `emit`."""
        is_note = isinstance(event, WarningRaised) and event.severity == "note"
        if (
            isinstance(event, WarningRaised | Paused) and not is_note
        ):  # notes are about the classifier of a fold
            self._emit(event)
        elif isinstance(event, StageProgress) and event.stage == "features" and event.total:
            self._advance(0, event.done / event.total)
        elif isinstance(event, BatchEnded):
            within = (event.epoch - 1 + event.step / max(1, event.steps)) / max(1, event.epochs)
            self._advance(1, (self._fold + within) / self._folds)
        else:
            return
        if self._clock() - self._last_emitted >= SECONDS_BETWEEN:
            self._report()

    def fold_ended(self) -> None:
        """One fold of the try ended."""
        self._fold += 1
        self._advance(1, self._fold / self._folds)
        self._report()

    @property
    def seconds_left(self) -> float:
        """Seconds for the tries that are left, and then for training the best so far."""
        frozen, training = (speed.ratio for speed in self._done)
        left = 0.0
        for number, expected in enumerate(self._expected):
            if number >= self._number:
                shares = self._shares if number == self._number else (0.0, 0.0)
                left += expected.frozen * (1 - shares[0]) * frozen
                likely = likely_folds(self._folds) / self._folds if number > max(self._number, 0) else 1.0
                left += expected.training * likely * (1 - shares[1]) * training
        return left + self._expected[self._best].training / self._folds * training

    def _advance(self, kind: int, share: float) -> None:
        """Note that a part of the try under way has come this far, and how long that took."""
        now = self._clock()
        elapsed, self._last_time = now - self._last_time, now
        parts = self._expected[self._number]
        if kind == 1:
            self._shares[0] = 1.0  # what the cache held already was not computed
        gained = share - self._shares[kind]
        seconds = (parts.frozen, parts.training)[kind] * gained
        if seconds > 0:
            self._done[kind].expected += seconds
            self._done[kind].measured += elapsed
            self._shares[kind] = share

    def _report(self) -> None:
        self._last_emitted = self._clock()
        whole = sum(part.frozen + part.training for part in self._expected)
        before = sum(part.frozen + part.training for part in self._expected[: self._number])
        now = self._expected[self._number]
        done = before + now.frozen * self._shares[0] + now.training * self._shares[1]
        if self._shares[1] >= 1 and self._number == len(self._expected) - 1:
            done = whole
        self._furthest = max(self._furthest, round(STEPS * done / max(whole, 1e-9)))
        self._emit(
            StageProgress(
                run_id=self._run_id,
                stage=STAGE,
                done=min(self._furthest, STEPS),
                total=STEPS,
                seconds_left=self.seconds_left,
            )
        )


def expected_tries(
    state: TrainingState, candidates: Sequence[Recipe], *, folds: int
) -> tuple[ExpectedTry, ...]:
    """Expect how long each recipe will take to try, from the time of each stage on a few blank images."""
    names = state.classifier.backbone.stage_names
    seconds = _stage_seconds(state)
    images = len(state.train) + len(state.validation)
    learned = images * (1 - 1 / folds) if folds > 1 else len(state.train)
    tries = []
    for recipe in candidates:
        first = names.index(recipe.freeze) if recipe.freeze in names else len(names)
        trained = sum(seconds[first:])
        per_fold = trained * (TRAINING_COST * learned * recipe.epochs + images)
        tries.append(ExpectedTry(frozen=images * sum(seconds[:first]), training=folds * per_fold))
    return tuple(tries)


@torch.inference_mode()
def _stage_seconds(state: TrainingState) -> list[float]:
    """Seconds per image of each stage."""
    backbone = state.classifier.backbone
    size = state.classifier.preprocessing.input_size
    was_training = backbone.training
    backbone.eval()
    seconds: list[float] = []
    for count in (1, TIMED_IMAGES):  # the first time sets up libraries
        seconds.clear()
        activations = torch.zeros(count, 3, size, size, device=state.device)
        for name in backbone.stage_names:
            started = time.perf_counter()
            activations = backbone.stage(name)(activations)
            activations.flatten()[0].item()  # waits for a graphics card
            seconds.append((time.perf_counter() - started) / count)
    backbone.train(was_training)
    return seconds
