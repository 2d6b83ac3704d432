"""What is known of a followed run."""

from __future__ import annotations

import pytest

from tlstudio.core.events import JobCancelled, JobFailed, TrialEnded
from tlstudio.gui.pages.train.follower import RunFollower

TRIAL = TrialEnded(
    run_id="run-1", freeze="head", accuracy=0.5, interval=(0.4, 0.6), n=9, elapsed_seconds=1.0, best=True
)
REFUSED = {"run_id": "run-1", "what": "No such column.", "work": "", "mend": "Choose another."}


@pytest.mark.parametrize(
    ("events", "is_refused"),
    [
        ([JobFailed(**REFUSED)], True),
        ([JobFailed(**REFUSED, fault=True)], False),
        ([JobFailed(**REFUSED, goes_on=True)], False),
        ([JobCancelled(run_id="run-1")], False),
        ([TRIAL, JobFailed(**REFUSED)], False),
    ],
)  # fmt: skip
def test_a_run_is_refused_when_its_settings_let_it_only_fail_again(app_state, events, is_refused):
    follower = RunFollower(app_state)
    for event in events:
        follower.history.add(event)
    assert follower.is_refused is is_refused
