"""The real program in its own process: it starts, survives a fault, and closes properly on a signal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tlstudio.core.files import settings_dir

REPOSITORY = Path(__file__).resolve().parents[2]
FAKE = Path(__file__).with_name("fake_engine.py")
START = f"""
import sys
from functools import partial
from pathlib import Path
from PySide6.QtCore import QTimer
from tlstudio.gui import app
from tlstudio.gui.engine_client import EngineClient

app.EngineClient = partial(EngineClient, command=(sys.executable, {str(FAKE)!r}))

class Window(app.MainWindow):
    def showEvent(self, event):
        super().showEvent(event)
        QTimer.singleShot(0, self.after_show)

    def after_show(self):
        pass

app.MainWindow = Window
"""


def start(script: str) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(REPOSITORY), *sys.path])}
    return subprocess.Popen(
        [sys.executable, "-c", START + textwrap.dedent(script)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


@pytest.mark.skipif(sys.platform == "win32", reason="signals of unix")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_closes_the_window_in_order(own_folders, number):
    process = start("""
        Window.after_show = lambda self: print("shown", flush=True)
        code = app.run(None)
        print("closed", code)
    """)
    assert process.stdout.readline() == "shown\n"
    process.send_signal(number)
    code, out, err = ended(process)
    assert (code, out) == (0, "closed 0\n"), err
    assert (settings_dir() / "window.json").exists()


def test_a_fault_in_the_window_is_a_message_and_a_line_in_the_log(own_folders):
    process = start("""
        def after_show(self):
            QTimer.singleShot(300, self.look)
            QTimer.singleShot(100, lambda: 1 / 0)

        def look(self):
            print(self.banner.what.text(), flush=True)
            self.close()

        Window.after_show, Window.look = after_show, look
        app.run(None)
    """)
    code, out, err = ended(process)
    assert code == 0, err
    assert "Something went wrong in the window (ZeroDivisionError" in out
    assert "ZeroDivisionError" in (settings_dir() / "log.txt").read_text(encoding="utf-8")


def test_a_path_is_opened_after_the_first_paint(own_folders, photos):
    folder = photos(name="Flowers")
    process = start(f"""
        def after_show(self):
            self.app_state.images_changed.connect(self.look)

        def look(self):
            print(self.header.project.text(), len(self.app_state.images()), self.current_page, flush=True)
            self.close()

        Window.after_show, Window.look = after_show, look
        app.run(Path({str(folder)!r}))
    """)
    code, out, err = ended(process)
    assert (code, out) == (0, "Flowers 24 data\n"), err


def test_the_window_does_not_import_what_is_slow(own_folders):
    code = "import sys, tlstudio.gui.app; print([n for n in sys.modules if n.split('.')[0] in %r])"
    slow = ("torch", "numpy", "matplotlib", "PIL", "scipy", "pydantic", "timm")
    done = subprocess.run(
        [sys.executable, "-c", code % (slow,)], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
