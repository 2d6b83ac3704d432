"""Messages from the window to the engine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.core.messages import COMMANDS, JobCommand, JobRequest, message_from_json, message_to_json

values = st.dictionaries(st.text(), st.one_of(st.none(), st.text(), st.integers(), st.lists(st.text())))


@given(values)
def test_requests_are_read_back(arguments):
    message = JobRequest(job_id="1", operation="k", arguments=arguments)
    assert message_from_json(message_to_json(message)) == message


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_read_back(command):
    assert message_from_json(message_to_json(JobCommand(job_id="1", command=command))) == JobCommand(
        job_id="1", command=command
    )


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{}",
        "[]",
        "5",
        "null",
        '{"job_id": "1", "command": "explode"}',
        '{"job_id": "1", "other": 2}',
        '{"job_id": ["1"], "operation": "k"}',
        '{"operation": "k"}',
    ],
)
def test_lines_that_are_no_messages_are_refused(line):
    with pytest.raises(ValueError):  # noqa: PT011 - JSON's own error is a ValueError too
        message_from_json(line)
