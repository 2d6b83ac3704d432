"""A screen that cannot be reached ends the app with a sentence, before and inside Qt."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from PySide6.QtCore import qWarning

from tlstudio.gui.screen import no_screen_said


def test_warnings_of_a_start_that_went_well_are_shown_afterwards(capsys):
    with no_screen_said():
        qWarning("a font is missing")
        assert capsys.readouterr().err == ""
    assert capsys.readouterr().err == "a font is missing\n"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="displays of X11")
def test_a_screen_that_cannot_be_reached_is_one_sentence():
    environment = {key: value for key, value in os.environ.items() if key != "WAYLAND_DISPLAY"}
    environment |= {"DISPLAY": ":4711", "QT_QPA_PLATFORM": "xcb"}
    done = subprocess.run(
        [sys.executable, "-m", "tlstudio"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    assert "cannot be shown on this screen" in line
    assert "tlstudio demo" in line
