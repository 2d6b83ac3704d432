"""Events of a running job: frozen dataclasses of plain values, one JSON line each.

The stream of one job is any number of progress events and then exactly one of `JobSucceeded`,
`JobCancelled` and `JobFailed`, sent by `run_guarded` and by nothing else.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from tlstudio.core.errors import Cancelled, UserError, from_os_error, is_out_of_memory, out_of_memory
from tlstudio.core.fault_log import where_to_look, write_fault
from tlstudio.core.finding import finding_from_values
from tlstudio.core.text_files import parse_json
from tlstudio.core.typed_values import read_dataclass
from tlstudio.core.types import SplitName

log = logging.getLogger(__name__)

START_RETURNED = "start-returned"
"""Code of the warning that the start of a training is kept, although its epochs name another one."""

Axis = Literal["epoch", "setting"]
"""Meaning of one point on a run's curves: an epoch of training, or a setting that was tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events; `run_id` names the job or run that sent it."""

    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStarted(Event):
    """A part of the job began. `total` counts its items, None when unknown."""

    stage: str
    title: str
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageProgress(Event):
    """Progress of a part of the job; of adjacent ones only the newest matters."""

    stage: str
    done: int
    total: int | None = None
    seconds_left: float | None = None
    images_per_second: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchEnded(Event):
    """One optimiser step ended; of adjacent ones only the newest matters."""

    epoch: int
    epochs: int
    step: int
    steps: int
    train_loss: float
    images_per_second: float
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochEnded(Event):
    """One epoch ended, or one setting was tried; epoch 0 is the starting point before any step.

    `axis` says which of the two `epoch` counts. `stage` is the phase of training that it belongs to, empty
    in files of version 0.1. `confusion[i][j]` counts validation images of true class i predicted as j; empty
    without validation.
    """

    epoch: int
    epochs: int
    train_loss: float | None
    train_accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    validation_interval: tuple[float, float] | None
    validation_n: int
    confusion: tuple[tuple[int, ...], ...]
    best_epoch: int
    learning_rate: float | None
    elapsed_seconds: float
    seconds_left: float | None = None
    images_per_second: float | None = None
    memory_bytes: int | None = None
    axis: Axis = "epoch"
    stage: str = ""

    def is_same_curve(self, other: EpochEnded) -> bool:
        """Return whether both epochs are of one phase; version 0.1 had one phase and did not name it."""
        return self.stage == other.stage or not (self.stage and other.stage)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialEnded(Event):
    """One recipe was tried by "Choose for me"; a point of accuracy against time.

    `freeze` is "head" or the first stage that trained, `option` the name of another setting in which it
    differs from the best line; `best`: whether it is the best so far. `against` and `against_option` are
    those of the best before, `difference` by how much this one is more accurate on the same images, and
    `noise` how far that can be off by chance, as fractions; None for the first trial and in files of version
    0.1. `ended_early`: whether it ended before all images were predicted, as it had no more of them right.
    """

    freeze: str
    accuracy: float
    interval: tuple[float, float]
    n: int
    elapsed_seconds: float
    best: bool
    against: str | None = None
    difference: float | None = None
    noise: float | None = None
    option: str = ""
    against_option: str = ""
    ended_early: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningPoint:
    """A point of a learning curve: the accuracy with so many images of each class to learn from.

    `accuracy` is the share of right answers on images that were not learned from, `interval` its 95 %
    interval.
    """

    images_per_class: float
    accuracy: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningCurve(Event):
    """The accuracy with fewer images, by rising number, and the accuracy expected with more.

    `now` is the accuracy expected with all images there are; None where the last point has all but one.
    `more_per_class` is by how many images of each class `expected` has more, 0 where it has twice as many;
    `gain` the 95 % interval of what they give. Of `judged` images there were `mistakes` with the most
    images; `weak_class` takes part in `weak_mistakes` of them, which is more than chance; empty without such.
    `stages_learned` says that the classifier is another one: stages of it learned, and the curve is that
    of a head on the backbone as it was.
    """

    points: tuple[LearningPoint, ...]
    expected: LearningPoint
    now: LearningPoint | None = None
    more_per_class: int = 0
    gain: tuple[float, float] | None = None
    weak_class: str = ""
    weak_mistakes: int = 0
    mistakes: int = 0
    judged: int = 0
    stages_learned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MapPanel:
    """Images of two places as points on a plane, near each other where the backbone sees them as alike.

    `here` and `there` are coordinates from -1 to 1, `told_apart` is the share of images whose place a
    classifier guesses, `interval` its 95 % interval.
    """

    here: tuple[tuple[float, float], ...]
    there: tuple[tuple[float, float], ...]
    told_apart: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainMap(Event):
    """The labelled images and those from elsewhere, before and after each place is standardised."""

    before: MapPanel
    after: MapPanel


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointSaved(Event):
    """A checkpoint was written to disk; `kind` is "last" or "best"."""

    kind: str
    epoch: int
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused(Event):
    """The job waits until it is resumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningRaised(Event):
    """A warning for the person.

    `paths` are the images it concerns; `reasons`, empty or one for each, say why and what to do. A note asks
    nothing of the person.
    """

    code: str
    message: str
    paths: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    severity: Literal["note", "warning"] = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifierEvaluated(Event):
    """The accuracy of the trained classifier is known; the checks that say how far to trust it still run.

    `side` names the images it is of: test images, where there are any.
    """

    side: SplitName
    accuracy: float
    interval: tuple[float, float]
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingsChanged(Event):
    """The current findings of the checks of the classifier; replaces all earlier ones.

    `findings` holds the plain values of each, see `Finding.as_values`, the most severe first.
    """

    findings: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSucceeded(Event):
    """The job is done; `result` holds plain JSON values."""

    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCancelled(Event):
    """The job was cancelled; what is on disk stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFailed(Event):
    """The job ended by an error.

    `fault`: it is a fault of tlstudio, not something to mend. `goes_on`: the same work can go on from what is
    saved, once the error is mended.
    """

    what: str
    work: str
    mend: str
    fault: bool = False
    goes_on: bool = False
    detail: str = ""


FINAL_EVENTS = (JobSucceeded, JobCancelled, JobFailed)

EVENT_TYPES: dict[str, type[Event]] = {
    cls.__name__: cls
    for cls in (
        StageStarted,
        StageProgress,
        BatchEnded,
        EpochEnded,
        TrialEnded,
        LearningCurve,
        DomainMap,
        CheckpointSaved,
        Paused,
        WarningRaised,
        ClassifierEvaluated,
        FindingsChanged,
        *FINAL_EVENTS,
    )
}

Emit = Callable[[Event], None]


def without_progress(emit: Emit) -> Emit:
    """An `Emit` that passes on warnings and pauses only, for parts of a job with progress of their own."""

    def pass_on(event: Event) -> None:
        if isinstance(event, WarningRaised | Paused):
            emit(event)

    return pass_on


def ignore(event: Event) -> None:
    """An `Emit` that drops every event."""


def to_json(event: Event) -> str:
    """Write an event as one line of JSON, without the line end."""
    # File names can hold bytes that are no text; escaped, they survive any encoding.
    return json.dumps({"event": type(event).__name__, **asdict(event)}, ensure_ascii=True)


def from_json(line: str) -> Event:
    """Read an event that `to_json` wrote; unknown fields of newer versions are dropped.

    Raises:
        ValueError: The line is not an event.
    """
    values = parse_json(line)
    name = values.pop("event", None) if isinstance(values, dict) else None
    cls = EVENT_TYPES.get(name) if isinstance(name, str) else None
    if cls is None:
        raise ValueError(f"not an event: {line[:80]!r}")
    if cls is EpochEnded and "axis" not in values:
        # Version 0.1 did not write it: there, an epoch had a learning rate and a setting tried had none.
        is_setting = values.get("epoch") and values.get("learning_rate") is None
        values["axis"] = "setting" if is_setting else "epoch"
    event = read_dataclass(cls, values)
    if isinstance(event, EpochEnded) and any(len(row) != len(event.confusion) for row in event.confusion):
        raise ValueError("a confusion matrix that is not square")
    if isinstance(event, FindingsChanged):
        for finding in event.findings:
            finding_from_values(finding)  # raises where it is none
    return event


def run_guarded(
    job: Callable[[], Mapping[str, Any]], *, run_id: str, emit: Emit
) -> JobSucceeded | JobCancelled | JobFailed:
    """Run a job and send exactly one final event, whatever it raises.

    Args:
        job: Does the work and returns plain JSON values.
        run_id: Written into the final event.
        emit: Receives the final event.

    Returns:
        The final event that was sent.
    """
    final: JobSucceeded | JobCancelled | JobFailed
    try:
        final = JobSucceeded(run_id=run_id, result=job())
    except Exception as error:  # noqa: BLE001 - the one place where everything is caught
        final = final_event_of(error, run_id=run_id)
    emit(final)
    return final


def final_event_of(error: Exception, *, run_id: str) -> JobCancelled | JobFailed:
    """The final event of a job that raised this error."""
    if isinstance(error, Cancelled):
        return JobCancelled(run_id=run_id)
    if isinstance(error, OSError):
        log.info("operating system error", exc_info=error)
        error = from_os_error(error)
    elif is_out_of_memory(error):
        log.info("out of memory", exc_info=error)
        error = out_of_memory()
    if isinstance(error, UserError):
        return JobFailed(
            run_id=run_id, what=error.what, work=error.work, mend=error.mend, goes_on=error.goes_on
        )
    return _our_fault(error, run_id=run_id)


def _our_fault(error: Exception, *, run_id: str) -> JobFailed:
    return JobFailed(
        run_id=run_id,
        what=f"Something went wrong inside tlstudio ({type(error).__name__}: {error}).",
        work="Everything saved before stays.",
        mend=where_to_look(write_fault(error, doing=f"job {run_id}")),
        fault=True,
        detail=repr(error),
    )
