"""The server runs jobs in order, passes commands on at once, and ends every job exactly once."""

import io
import threading
import time

import pytest

from tlstudio.core.errors import UserError
from tlstudio.core.events import FINAL_EVENTS, JobCancelled, JobFailed, JobSucceeded
from tlstudio.core.messages import JobCommand, JobRequest, message_to_json
from tlstudio.engine.server import JobServer, read_messages

ERRORS = {"user": UserError("What.", mend="Mend."), "disk": OSError(28, "full"), "bug": RuntimeError("x")}


def run_operation(operation_id, arguments, *, context):
    if operation_id == "wait":
        while not context.control.stopped:
            context.control.check()
            time.sleep(0.005)
        return {"stopped": True}
    if operation_id == "fail":
        raise ERRORS[arguments["how"]]
    return {"add": lambda a, b: {"sum": a + b}}[operation_id](**arguments)


@pytest.fixture
def engine():
    events = []
    server = JobServer(run_operation, emit=events.append)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server, events
    server.close()
    thread.join(5)
    assert not thread.is_alive()


def until(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


def test_jobs_run_in_order_and_each_ends_once(engine):
    server, events = engine
    for number in range(3):
        server.receive(JobRequest(job_id=str(number), operation="add", arguments={"a": number, "b": 1}))
    until(lambda: len(events) == 3)
    assert [(e.run_id, e.result["sum"]) for e in events] == [("0", 1), ("1", 2), ("2", 3)]


@pytest.mark.parametrize(
    ("how", "fault", "word"), [("user", False, "What"), ("disk", False, "full"), ("bug", True, "x")]
)
def test_a_failing_job_is_reported_and_the_engine_lives_on(engine, how, fault, word):
    server, events = engine
    server.receive(JobRequest(job_id="1", operation="fail", arguments={"how": how}))
    server.receive(JobRequest(job_id="2", operation="add", arguments={"a": 1, "b": 2}))
    until(lambda: len(events) == 2)
    assert isinstance(events[0], JobFailed)
    assert events[0].fault is fault
    assert word in events[0].what
    assert events[0].mend
    assert isinstance(events[1], JobSucceeded)


def test_commands_reach_running_and_waiting_jobs(engine):
    server, events = engine
    for job_id in ("running", "waiting"):
        server.receive(JobRequest(job_id=job_id, operation="wait"))
    server.receive(JobCommand(job_id="waiting", command="cancel"))
    server.receive(JobCommand(job_id="running", command="pause"))
    server.receive(JobCommand(job_id="nobody", command="cancel"))
    time.sleep(0.05)
    assert [(type(event), event.run_id) for event in events] == [(JobCancelled, "waiting")], "at once"
    server.receive(JobCommand(job_id="running", command="stop"))
    until(lambda: len(events) == 2)
    assert isinstance(events[1], JobSucceeded)


def test_an_unknown_operation_is_our_fault_not_a_crash(engine):
    server, events = engine
    server.receive(JobRequest(job_id="1", operation="no such", arguments={}))
    until(lambda: bool(events))
    assert isinstance(events[0], JobFailed)


def test_a_closed_stream_lets_what_runs_leave(capsys):
    events, left = [], []

    def run_and_see(operation_id, arguments, *, context):
        try:
            return run_operation(operation_id, arguments, context=context)
        finally:
            left.append(context.control.program_ended)

    server = JobServer(run_and_see, emit=events.append)
    stream = io.StringIO(message_to_json(JobRequest(job_id="1", operation="wait")) + "\nnot a message\n")
    reader = threading.Thread(target=read_messages, args=(stream, server))
    reader.start()
    server.run()
    reader.join()
    assert [type(e) for e in events] == [JobCancelled]
    assert all(isinstance(e, FINAL_EVENTS) for e in events)
    assert all(left), "nobody cancelled it"
    assert "not a message" in capsys.readouterr().err


def test_a_command_for_a_job_that_ends_just_then_does_no_harm(engine):
    server, _ = engine

    class Ending(dict):
        def __contains__(self, job_id):
            return True  # and it is gone when it is asked for

    server._controls = Ending()
    server.receive(JobCommand(job_id="1", command="pause"))


def test_the_warm_up_comes_first_and_ends_when_a_job_comes():
    warming, events = threading.Event(), []

    def warm_up(control):
        warming.set()
        while True:
            control.check()
            time.sleep(0.005)

    server = JobServer(run_operation, emit=events.append, warm_up=warm_up)
    thread = threading.Thread(target=server.run)
    thread.start()
    assert warming.wait(5)
    server.receive(JobRequest(job_id="1", operation="add", arguments={"a": 1, "b": 1}))
    until(lambda: events)
    server.close()
    thread.join(5)
    assert [type(event) for event in events] == [JobSucceeded]


def test_jobs_run_after_a_warm_up_that_failed():
    events = []
    server = JobServer(run_operation, emit=events.append, warm_up=lambda control: 1 / 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    server.receive(JobRequest(job_id="1", operation="add", arguments={"a": 1, "b": 1}))
    until(lambda: events)
    server.close()
    thread.join(5)
    assert [type(event) for event in events] == [JobSucceeded]
