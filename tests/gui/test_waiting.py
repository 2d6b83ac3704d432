"""What is said of a job that waits for its turn."""

from __future__ import annotations

from tlstudio.gui.waiting import waiting_words


def test_the_job_ahead_is_named_until_it_has_ended(app_state, qtbot):
    first, second = app_state.submit("wait", seconds=30), app_state.submit("wait", seconds=0)
    assert app_state.engine.ahead_of(first) is None
    assert waiting_words(app_state.engine.ahead_of(second)) == "Waits for: Waiting."
    first.command("cancel")
    assert waiting_words(first) == "Waits until this has stopped: Waiting."
    qtbot.waitUntil(lambda: not first.is_open)
    assert app_state.engine.ahead_of(second) is None
    qtbot.waitUntil(lambda: not second.is_open)
