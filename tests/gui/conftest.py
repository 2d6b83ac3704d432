"""The window's tests: an app state whose engine is tests/gui/fake_engine.py, so nothing needs torch."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests import fork_server
from tests.gui.fake_engine import EXTRA_OPERATIONS
from tests.gui.robots.window import WindowRobot
from tlstudio import specs
from tlstudio.gui.app_state import AppState
from tlstudio.gui.engine_client import ENGINE_COMMAND, EngineClient, Job
from tlstudio.gui.main_window import MainWindow
from tlstudio.gui.settings import Settings
from tlstudio.gui.theme import theme
from tlstudio.specs import operations as operation_specs

PATIENCE_MS = 20_000
PAUSE_MS = 10
SHORT_WAIT_SECONDS = 5.0
LONG_PAUSE_MS = 100


def _wait_until(qtbot: QtBot, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS) -> None:
    """Wait as pytest-qt does, but look more rarely after some seconds: it slows what is waited for.

    Args:
        callback: Returns False, or raises AssertionError, until what is waited for has happened.
        timeout: In milliseconds.
    """
    started = time.monotonic()
    while True:
        waited = time.monotonic() - started
        try:
            if callback() is not False:
                return
        except AssertionError:
            if waited > timeout / 1000:
                raise
        if waited > timeout / 1000:
            raise TimeoutError(f"not so within {timeout} ms")
        qtbot.wait(PAUSE_MS if waited < SHORT_WAIT_SECONDS else LONG_PAUSE_MS)


QtBot.waitUntil = _wait_until
for _method in (QtBot.waitSignal, QtBot.waitSignals):
    # Five seconds, as it is otherwise, are not enough on a computer that does other things as well.
    _method.__kwdefaults__["timeout"] = PATIENCE_MS

FAKE_ENGINE = Path(__file__).with_name("fake_engine.py")
FORKED_ENGINE = Path(__file__).with_name("forked_engine.py")


@pytest.fixture(scope="module", autouse=True)
def garbage_collected_here() -> Iterator[None]:
    """No thread that draws destroys a window of an earlier test: cycles are collected between modules."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test of the window sees the style sheet that people see."""
    theme().apply(qapp, "light")
    add_widget = QtBot.addWidget

    def add(qtbot: QtBot, widget: QWidget, **rest: object) -> None:
        if widget.parentWidget() is None:
            theme().dress(widget)
        add_widget(qtbot, widget, **rest)

    monkeypatch.setattr(QtBot, "addWidget", add)


@pytest.fixture(autouse=True)
def extra_operations(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The operations that only the imitation of the engine knows."""
    paths = [*operation_specs.__path__, EXTRA_OPERATIONS]
    monkeypatch.setattr(operation_specs, "__path__", paths)
    specs.OPERATIONS.refresh()
    yield
    specs.OPERATIONS.refresh()


class LazyEngine(EngineClient):
    """Starts its process with the first job: most tests need none."""

    def submit(self, operation: str, **arguments: object) -> Job:
        self.start()
        return super().submit(operation, **arguments)


@pytest.fixture(scope="session")
def fake_engine_command() -> Iterator[tuple[str, ...]]:
    """The command that starts an engine process which does made-up work."""
    if not fork_server.IS_POSSIBLE:
        yield (sys.executable, str(FAKE_ENGINE))
        return
    server = fork_server.ForkServer(FAKE_ENGINE)
    yield server.command
    server.close()


@pytest.fixture
def engine(
    qapp: QApplication, own_folders: None, fake_engine_command: tuple[str, ...]
) -> Iterator[EngineClient]:
    """An engine process that does made-up work; it starts with the first job."""
    engine = LazyEngine(command=fake_engine_command)
    yield engine
    engine.close()


@pytest.fixture
def app_state(engine: EngineClient) -> Iterator[AppState]:
    """The window's state, without a project."""
    app_state = AppState(engine)
    yield app_state
    app_state.close()


@pytest.fixture
def opened(app_state: AppState, photos, qtbot) -> AppState:
    """An app state with a project of three classes of eight photos, scanned and divided.

    Its draft is empty, so that the head alone trains: most tests look at one strategy.
    """
    with qtbot.waitSignal(app_state.images_changed, timeout=20_000):
        app_state.open_images(photos(), name="Insects")
    assert app_state.project is not None
    app_state.project.save_draft({})
    return app_state


@pytest.fixture
def own_windows(qapp: QApplication) -> Iterator[list[str]]:
    """Class names of what was shown as a window of its own during the test."""
    watch = _ShownWindows()
    qapp.installEventFilter(watch)
    yield watch.names
    qapp.removeEventFilter(watch)


class _ShownWindows(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def eventFilter(self, thing: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(thing, QWidget) and thing.isWindow():
            self.names.append(type(thing).__name__)
        return False


class StubPage(QWidget):
    """Stands for a page that a test of the window does not look into."""

    go_to = Signal(str)
    summary_changed = Signal()
    title = "Stub"

    def summary(self) -> str:
        return "a short line"


@pytest.fixture
def stub_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page but Home is a stub: the window is tested without the pages' own work."""
    monkeypatch.setattr("tlstudio.gui.main_window.build_page", lambda _page, _app_state: StubPage())


@pytest.fixture
def window(app_state: AppState, stub_pages: None, qtbot) -> MainWindow:
    """The shown window, at home, with stubs for pages."""
    window = MainWindow(app_state, settings=Settings())
    # Left open in the middle of a training, it would ask, and nobody would answer.
    qtbot.addWidget(window, before_close_func=MainWindow.close_at_once)
    window.resize(1280, 720)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


@pytest.fixture(scope="session")
def forked_engine_command() -> Iterator[tuple[str, ...]]:
    """The command that starts the real engine."""
    if not fork_server.IS_POSSIBLE:
        yield ENGINE_COMMAND
        return
    server = fork_server.ForkServer(FORKED_ENGINE)
    yield server.command
    server.close()


@pytest.fixture
def real_engine_command(
    forked_engine_command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> tuple[str, ...]:
    """The command that starts the engine of `real_window`, on the runtime that is usually the quickest."""
    monkeypatch.setenv("TLSTUDIO_RUNTIME", "onnx-runtime")
    return forked_engine_command


@pytest.fixture
def real_window(
    qapp: QApplication, own_folders: None, real_engine_command: tuple[str, ...], qtbot
) -> Iterator[MainWindow]:
    """The shown window with its real pages and the real engine."""
    app_state = AppState(EngineClient(command=real_engine_command))
    app_state.engine.start()
    window = MainWindow(app_state, settings=Settings())
    window.resize(1280, 720)
    window.show()
    window.build_ahead()  # as the app does
    yield window
    window.close_at_once()
    app_state.close()
    window.deleteLater()


@pytest.fixture
def robot(window: MainWindow, qtbot) -> WindowRobot:
    """A person in front of `window`."""
    return WindowRobot(window, qtbot)
