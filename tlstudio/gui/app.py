"""Starts the app: shows the window first, then starts the engine process and everything else that is slow."""

from __future__ import annotations

import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType, TracebackType

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Slot
from PySide6.QtWidgets import QApplication

from tlstudio import __version__
from tlstudio.core.conveniences import sentences_to
from tlstudio.core.events import JobFailed
from tlstudio.core.fault_log import log_file
from tlstudio.core.files import settings_dir
from tlstudio.gui.app_state import AppState
from tlstudio.gui.engine_client import EngineClient, prioritise_gui_thread
from tlstudio.gui.garbage_collection import GuiThreadCollector
from tlstudio.gui.main_window import MainWindow
from tlstudio.gui.screen import no_screen_said
from tlstudio.gui.settings import read_settings, use_settings
from tlstudio.gui.theme import theme

log = logging.getLogger(__name__)


def run(path: Path | None) -> int:
    """Show the window until it is closed.

    Args:
        path: Project, folder of images, run or exported model to open; None starts at home.

    Returns:
        Exit code.
    """
    prioritise_gui_thread()
    settings = read_settings()
    use_settings(settings)
    with no_screen_said():
        app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("tlstudio")
    app.setApplicationDisplayName("tlstudio")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("tlstudio")
    theme().apply(app, settings.appearance, text_scale=settings.text_scale)
    collector = GuiThreadCollector()
    app_state = AppState(EngineClient())
    app_state.threads = settings.threads
    window = MainWindow(app_state, settings=settings)
    window.show()
    starter = _Starter(window, path)
    QTimer.singleShot(0, starter.start)
    with _faults_shown(app_state), _signals_close(window), sentences_to(app_state.status_message.emit):
        code = app.exec()
    app_state.close()
    collector.close()
    return code


class _Starter(QObject):
    """Starts the engine and opens the given path after the window was painted for the first time."""

    def __init__(self, window: MainWindow, path: Path | None) -> None:
        super().__init__(window)
        self._window = window
        self._path = path

    @Slot()
    def start(self) -> None:
        self._window.app_state.engine.start()
        from tlstudio.gui.widgets.basics.icons import icon

        self._window.setWindowIcon(icon("tlstudio", colour="#000000", size=128))
        _write_log()
        if self._path is not None:
            self._window.open_path(self._path)
        self._window.build_ahead()


def _write_log() -> None:
    """Log to a file that the person can send us; one older file is kept."""
    try:
        handler = logging.FileHandler(log_file(settings_dir()), encoding="utf-8", delay=True)
    except OSError:
        return  # a settings folder that cannot be written must not keep the window from working
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)


@contextlib.contextmanager
def _faults_shown(app_state: AppState) -> Iterator[None]:
    """Show an unhandled exception in the banner and log it, instead of ending the app."""
    before = sys.excepthook

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, Exception):
            before(kind, error, trace)
            return
        log.error("a fault in the window", exc_info=(kind, error, trace))
        app_state.failed.emit(
            JobFailed(
                run_id="window",
                what=f"Something went wrong in the window ({kind.__name__}: {error}).",
                work="Your labels and runs are on disk.",
                mend="Go on; if it comes back, send us the log (Help, Show the log).",
                fault=True,
                detail=repr(error),
            )
        )

    sys.excepthook = show
    try:
        yield
    finally:
        sys.excepthook = before


@contextlib.contextmanager
def _signals_close(window: MainWindow) -> Iterator[None]:
    """Close the window properly on Ctrl-C in the terminal and at the end of the desktop session.

    Python runs its handlers only between bytecodes, and Qt's loop is none: the signal's number comes
    through a socket that wakes the loop.
    """
    reading, writing = socket.socketpair()
    reading.setblocking(False)
    writing.setblocking(False)
    wakeup_before = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    handled = [signal.SIGINT, signal.SIGTERM]
    before = [signal.signal(number, _ignore_signal) for number in handled]
    notifier = QSocketNotifier(reading.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(window.close_at_once)
    try:
        yield
    finally:
        notifier.setEnabled(False)
        for number, handler in zip(handled, before, strict=True):
            signal.signal(number, handler)
        signal.set_wakeup_fd(wakeup_before)
        reading.close()
        writing.close()


def _ignore_signal(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: the wake-up socket closes the window."""
