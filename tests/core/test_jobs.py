"""Messages from the window to the engine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.core.jobs import WISHES, JobRequest, JobWish, message_from_json, message_to_json

values = st.dictionaries(st.text(), st.one_of(st.none(), st.text(), st.integers(), st.lists(st.text())))


@given(values)
def test_requests_come_back(arguments):
    message = JobRequest(job_id="1", kind="k", arguments=arguments)
    assert message_from_json(message_to_json(message)) == message


@pytest.mark.parametrize("wish", WISHES)
def test_wishes_come_back(wish):
    assert message_from_json(message_to_json(JobWish(job_id="1", wish=wish))) == JobWish(
        job_id="1", wish=wish
    )


@pytest.mark.parametrize(
    "line", ["", "{}", '{"job_id": "1", "wish": "explode"}', '{"job_id": "1", "other": 2}']
)
def test_nonsense_is_refused(line):
    with pytest.raises(ValueError):  # noqa: PT011 - JSON's own error is a ValueError too
        message_from_json(line)
