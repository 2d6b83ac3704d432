"""The fixtures themselves: a leak check that never fails would be worth nothing."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

CONFTEST = Path(__file__).parent / "conftest.py"

LEAKS = """
import socket, threading
import pytest

@pytest.fixture(scope="session")
def app():
    from PySide6.QtWidgets import QApplication
    return QApplication.instance() or QApplication([])

kept = []
go_on = threading.Event()

def test_tidy():
    thread = threading.Thread(target=lambda: None)
    thread.start()

def test_leaves_thread():
    thread = threading.Thread(target=go_on.wait, name="forgotten")
    kept.append(thread)
    thread.start()

def test_releases_that_thread():
    go_on.set()

def test_tidy_with_qt(app):
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QLabel
    label = QLabel("gone soon")
    label.show()
    label.deleteLater()
    timer = QTimer()
    timer.start(1000)
    timer.stop()

def test_leaves_timer(app):
    from PySide6.QtCore import QTimer
    kept.append(QTimer())
    kept[-1].start(1000)

def test_leaves_qthread(app):
    from PySide6.QtCore import QThread
    kept.append(QThread())
    kept[-1].start()

def test_leaves_widget(app):
    from PySide6.QtWidgets import QLabel
    kept.append(QLabel("still here"))

@pytest.fixture
def asks_at_the_end(app):
    from PySide6.QtWidgets import QMessageBox
    yield
    box = QMessageBox()
    box.setWindowTitle("Really?")
    box.addButton("Yes", QMessageBox.ButtonRole.AcceptRole)
    box.addButton("No", QMessageBox.ButtonRole.DestructiveRole)
    box.exec()
    box.deleteLater()

def test_waits_for_an_answer(asks_at_the_end):
    pass

def test_ends_them(app):
    for thing in kept:
        if type(thing).__name__ == "QThread":
            thing.quit()
            thing.wait()

def test_hides_a_connection(no_network):
    try:
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    except RuntimeError:
        pass
"""


def test_leaks_and_hidden_connections_fail(tmp_path: Path) -> None:
    patience = "LEAVING_SECONDS = 2"
    text = CONFTEST.read_text(encoding="utf-8")
    assert patience in text
    (tmp_path / "conftest.py").write_text(text.replace(patience, "LEAVING_SECONDS = 0.3"), encoding="utf-8")
    (tmp_path / "blocked_network").symlink_to(CONFTEST.parent / "blocked_network")
    (tmp_path / "test_leaks.py").write_text(LEAKS, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-rA",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
    ]
    command += ["-p", "no:xdist", "-p", "no:pytest-qt", str(tmp_path)]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    failed = {
        line.split("::")[1].split(" ")[0]
        for line in result.stdout.splitlines()
        if line.startswith("ERROR test")
    }
    assert failed == {
        "test_leaves_thread",
        "test_leaves_timer",
        "test_leaves_qthread",
        "test_leaves_widget",
        "test_hides_a_connection",
        "test_waits_for_an_answer",
    }, result.stdout
    assert "left behind: thread forgotten" in result.stdout
    assert "a dialog waited for an answer: QMessageBox 'Really?'" in result.stdout
    assert "10 passed" in result.stdout


def test_leak_check_does_not_bring_in_qt(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "test_plain.py").write_text("def test_plain():\n    pass\n", encoding="utf-8")
    (tmp_path / "test_zlast.py").write_text(
        "import sys\n\ndef test_no_qt():\n    assert 'PySide6' not in sys.modules\n", encoding="utf-8"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-p",
        "no:pytest-qt",
        str(tmp_path),
    ]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert "2 passed" in result.stdout, result.stdout


def test_no_network_refuses_connections(no_network: None) -> None:
    # A Unix socket is no network, and this computer's own address is none either.
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as local,
        pytest.raises(OSError, match="No such file"),
    ):
        local.connect("/nowhere/at/all")
    assert socket.getaddrinfo("127.0.0.1", 80)


def test_no_network_reaches_children(no_network: None) -> None:
    code = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=30
    )
    assert result.returncode != 0
    assert "NetworkBlockedError" in result.stderr
    # The attempt was meant here; without this line the fixture would fail the test for it.
    Path(os.environ["TLSTUDIO_BLOCKED_LOG"]).unlink()


@pytest.mark.parametrize("number", [1, 2])
def test_folders_are_the_tests_own(number: int) -> None:
    settings, projects = Path(os.environ["TLSTUDIO_SETTINGS"]), Path(os.environ["TLSTUDIO_PROJECTS"])
    assert settings.parent == projects.parent
    assert not settings.parent.exists(), f"what test {3 - number} makes is seen by the other"
    settings.mkdir(parents=True)
    assert os.environ["HF_HUB_OFFLINE"] == "1"


def test_photos_differ_in_size_and_content(photos) -> None:
    root = photos(classes=("a", "b"), per_class=5)
    files = sorted(root.rglob("*.jpg"))
    assert [file.parent.name for file in files] == ["a"] * 5 + ["b"] * 5
    assert len({file.read_bytes() for file in files}) == 10
    sizes = set()
    for file in files:
        with Image.open(file) as image:
            sizes.add(image.size)
    assert len(sizes) > 3


def test_photos_are_reproducible(photos) -> None:
    first, again, other = photos(name="one"), photos(name="two"), photos(name="three", seed=1)
    content = [[file.read_bytes() for file in sorted(root.rglob("*.jpg"))] for root in (first, again, other)]
    assert content[0] == content[1]
    assert content[0] != content[2]
