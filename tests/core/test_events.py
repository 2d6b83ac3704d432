"""Events are written and read without loss, and every job ends with exactly one final event."""

import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import (
    EVENT_TYPES,
    FINAL_EVENTS,
    EpochEnded,
    JobCancelled,
    JobFailed,
    JobSucceeded,
    StageProgress,
    StageStarted,
    WarningRaised,
    from_json,
    run_guarded,
    to_json,
    without_progress,
)

numbers = st.floats(allow_nan=False, allow_infinity=False)


@given(st.text(), st.lists(st.text(), max_size=3))
def test_any_text_is_read_back(message, paths):
    event = WarningRaised(run_id="r", code="c", message=message, paths=tuple(paths))
    line = to_json(event)
    assert "\n" not in line
    assert from_json(line) == event


@given(st.lists(st.lists(st.integers(0, 99), min_size=2, max_size=2), min_size=2, max_size=2), numbers)
def test_nested_tuples_are_read_back_as_tuples(confusion, loss):
    event = EpochEnded(
        run_id="r",
        epoch=1,
        epochs=2,
        train_loss=loss,
        train_accuracy=None,
        validation_loss=None,
        validation_accuracy=0.5,
        validation_interval=(0.1, 0.9),
        validation_n=4,
        confusion=tuple(map(tuple, confusion)),
        best_epoch=0,
        learning_rate=None,
        elapsed_seconds=0.5,
    )
    assert from_json(to_json(event)) == event


def test_fields_of_newer_versions_are_dropped():
    values = json.loads(to_json(StageProgress(run_id="r", stage="s", done=1)))
    assert from_json(json.dumps(values | {"later": 1})) == StageProgress(run_id="r", stage="s", done=1)


@pytest.mark.parametrize("line", ["", "3", "{}", '{"event": "Event"}', "[", '{"event": "Unknown"}'])
def test_lines_that_are_no_events_are_refused(line):
    with pytest.raises(ValueError):  # noqa: PT011 - JSON's own error is a ValueError too
        from_json(line)


def test_every_event_has_a_run_id_and_is_frozen():
    for cls in EVENT_TYPES.values():
        assert "run_id" in {f.name for f in fields(cls)}
        assert cls.__dataclass_params__.frozen


RAISED = [
    (None, JobSucceeded),
    (Cancelled(), JobCancelled),
    (UserError("a", mend="b"), JobFailed),
    (PermissionError(13, "no", "/x"), JobFailed),
    (RuntimeError("out of memory"), JobFailed),
    (StopIteration(), JobFailed),
    (KeyError("k"), JobFailed),
]


@pytest.mark.parametrize(("raised", "expected"), RAISED)
def test_a_job_sends_exactly_one_final_event_whatever_it_raises(raised, expected):
    events = []

    def job():
        if raised is not None:
            raise raised
        return {"a": 1}

    final = run_guarded(job, run_id="r", emit=events.append)
    assert events == [final]
    assert type(final) is expected
    assert isinstance(final, FINAL_EVENTS)


@pytest.mark.parametrize(
    "error", [RuntimeError("CUDA out of memory. Tried to allocate 20 MiB"), MemoryError(), OSError(12, "no")]
)
def test_out_of_memory_is_no_fault_of_tlstudio(error):
    def job():
        raise error

    final = run_guarded(job, run_id="r", emit=lambda _event: None)
    assert isinstance(final, JobFailed)
    assert not final.fault
    assert "memory" in final.what


def test_without_progress_drops_other_events():
    heard = []
    emit = without_progress(heard.append)
    warning = WarningRaised(run_id="r", code="less-memory", message="Smaller batches.")
    for event in (StageStarted(run_id="r", stage="s", title="t"), warning, JobSucceeded(run_id="r")):
        emit(event)
    assert heard == [warning]


@pytest.mark.parametrize(
    ("epoch", "learning_rate", "axis"), [(0, None, "epoch"), (1, None, "setting"), (1, 0.003, "epoch")]
)
def test_the_axis_of_events_of_version_0_1_is_known_by_their_learning_rate(epoch, learning_rate, axis):
    event = EpochEnded(
        run_id="r", epoch=epoch, epochs=2, train_loss=None, train_accuracy=None, validation_loss=None,
        validation_accuracy=None, validation_interval=None, validation_n=0, confusion=(), best_epoch=0,
        learning_rate=learning_rate, elapsed_seconds=0.5,
    )  # fmt: skip
    values = json.loads(to_json(event))
    del values["axis"], values["stage"]
    assert from_json(json.dumps(values)).axis == axis
