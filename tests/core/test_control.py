"""Cancel, stop, pause and resume from another thread."""

import threading

import pytest

from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled


def test_cancel_leaves_at_the_next_safe_point():
    control = Control()
    control.check()
    control.cancel()
    with pytest.raises(Cancelled):
        control.check()


def test_leaving_at_the_end_of_the_program_is_not_cancelling():
    control = Control()
    control.leave()
    with pytest.raises(Cancelled):
        control.check()
    assert control.program_ended
    cancelled = Control()
    cancelled.cancel()
    assert not cancelled.program_ended
    cancelled.leave()
    assert not cancelled.program_ended, "the person had cancelled it before"


def test_a_paused_job_waits_reports_once_and_resumes():
    control, paused, passed = Control(), [], threading.Event()
    control.pause()

    def work():
        control.check(on_pause=lambda: paused.append(1))
        passed.set()

    thread = threading.Thread(target=work)
    thread.start()
    assert not passed.wait(0.05)
    control.resume()
    assert passed.wait(5)
    thread.join()
    assert paused == [1]


@pytest.mark.parametrize("command", ["cancel", "stop"])
def test_ending_wakes_a_paused_job_that_then_cannot_be_paused(command):
    control = Control()
    control.pause()
    getattr(control, command)()
    assert not control.paused
    control.pause()
    assert not control.paused


def test_a_consumed_stop_does_not_end_the_rest_of_the_job():
    control = Control()
    assert not control.consume_stop()
    control.stop()
    assert control.consume_stop()
    assert not control.stopped
    assert not control.consume_stop()
