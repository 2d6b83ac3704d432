"""The engine as a process: events alone on stdout, and an end when stdin ends."""

import json
import signal
import subprocess
import sys
from dataclasses import replace

from tlstudio.core.events import JobFailed, JobSucceeded, from_json
from tlstudio.core.messages import JobRequest, message_to_json
from tlstudio.engine import __main__ as engine_main


def test_jobs_are_read_from_stdin_and_answered_on_stdout_until_stdin_ends(tmp_path):
    """One process for all, because each imports torch. Its operations are replaced by one that prints."""
    code = (
        "import sys, types\n"
        "def add(operation_id, arguments, *, context):\n"
        "    print('a library prints')\n"
        "    return {'sum': arguments['a'] + arguments['b']}\n"
        "sys.modules['tlstudio.operations.run'] = types.SimpleNamespace(run_operation=add)\n"
        "sys.modules['tlstudio.engine.warm_up'] = types.SimpleNamespace(warm_up=lambda control: None)\n"
        "from tlstudio.engine.__main__ import main\n"
        "main()\n"
    )
    requests = [
        JobRequest(job_id="1", operation="add", arguments={"a": 1, "b": 2}),
        JobRequest(job_id="2", operation="add, but without numbers"),
        JobRequest(job_id="3", operation="add", arguments={"a": 3, "b": 4}),
    ]
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    with process:
        process.stdin.write("this is not a message\n" + "".join(message_to_json(m) + "\n" for m in requests))
        process.stdin.flush()
        # Stdin stays open until the answers are there: its end cancels what waits.
        events = [from_json(process.stdout.readline()) for _ in requests]
        process.send_signal(signal.SIGINT)  # Ctrl+C in the terminal that the app was started from
        process.stdin.write(message_to_json(replace(requests[2], job_id="4")) + "\n")
        process.stdin.flush()
        again = from_json(process.stdout.readline())
        out, err = process.communicate(timeout=60)
    assert [type(event) for event in events] == [JobSucceeded, JobFailed, JobSucceeded]
    assert [event.run_id for event in events] == ["1", "2", "3"]
    assert events[2].result == again.result == {"sum": 7}
    assert out == ""
    assert process.returncode == 0
    assert "a library prints" in err
    assert "not a message" in err
    assert "KeyboardInterrupt" not in err


def test_the_module_can_be_run_by_its_name():
    assert engine_main.__name__ == "tlstudio.engine.__main__"
    assert json.dumps(engine_main.__doc__)
