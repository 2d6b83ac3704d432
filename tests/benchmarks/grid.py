"""How long the window keeps a person waiting with very many images: opening, scrolling, filtering, labelling.

Usage: python -m tests.benchmarks.grid [--images 60000] [--out build/bench-grid.json]

The real window, drawn offscreen unless QT_QPA_PLATFORM says otherwise, with the real engine process: a folder
of small images is opened, then looked through as a person does. A timer that should tick every 5 ms notes how
late each tick is by the clock, and how much the window's own thread worked since the last one. The second is
the figure that counts: it is the same on a computer that does other things as well.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks import photos
from tests.benchmarks.measuring import Row, answer, apart, table, told, write

TICK_MS = 5
LONGEST_STALL_MS = 50
SETTLE_MS = 60
"""After each act, so that painting and thumbnails are counted to it."""
SCROLLING = ("wheel", "page down", "end and home", "drag of the bar", "larger and smaller")


def measure(*, folder: str, screenshots: str = "") -> dict[str, Any]:
    """Worst stalls of each kind of act, in milliseconds, and the window's memory.

    Args:
        folder: Images.
        screenshots: A folder for pictures of the window after some acts; none are made when empty.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from tlstudio.gui.app_state import AppState
    from tlstudio.gui.engine_client import EngineClient
    from tlstudio.gui.main_window import MainWindow
    from tlstudio.gui.settings import Settings
    from tlstudio.gui.theme import theme

    app = QApplication([])
    theme().apply(app, "light", text_scale=1.0)
    app_state = AppState(EngineClient())
    window = MainWindow(app_state, settings=Settings())
    window.resize(1280, 720)
    window.show()
    window.activateWindow()  # else no shortcut works
    app_state.engine.start()
    window.build_ahead()
    stalls = _Stalls()
    failures: list[str] = []
    app_state.failed.connect(lambda failed: failures.append(failed.what))
    before = _resident_mb()

    def ended() -> None:
        stalls.stop()
        app.quit()

    def go_on() -> None:
        """Do the next act, wait until it is all painted, and so on to the end."""
        act = next(acts, None)
        if act is None:
            ended()
            return
        name, doing = act
        stalls.begin(name)
        doing()
        QTimer.singleShot(SETTLE_MS, go_on)

    def checked() -> None:
        nonlocal acts
        acts = _acts(window, Path(screenshots) if screenshots else None)
        QTimer.singleShot(2000, go_on)

    def job_started(job: Any) -> None:
        job.failed.connect(ended)
        if job.kind == "check":
            app_state.job_started.disconnect(job_started)
            job.succeeded.connect(checked)

    acts: Iterator[tuple[str, Callable[[], object]]] = iter(())
    app_state.job_started.connect(job_started)
    stalls.start()

    def open_folder() -> None:
        stalls.begin("open")
        window.open_path(Path(folder))

    QTimer.singleShot(2000, open_folder)
    app.exec()
    images = len(app_state.images())
    after = _resident_mb()
    app_state.close()
    window.close_at_once()
    window.deleteLater()
    if failures:
        raise RuntimeError(failures[0])
    return {
        "images": images,
        "own_ms": dict(stalls.own_ms),
        "clock_ms": dict(stalls.clock_ms),
        "memory_mb": {"empty window": before, "at the end": after},
    }


class _Stalls:
    """The longest time between two ticks, by what was done meanwhile."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.own_ms: dict[str, float] = defaultdict(float)
        self.clock_ms: dict[str, float] = defaultdict(float)
        self._during = "start"
        self._timer = QTimer(interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        self._own, self._clock = time.thread_time(), time.perf_counter()
        self._timer.start()

    def begin(self, name: str) -> None:
        """From here on another act is to blame."""
        self._tick()
        self._during = name

    def stop(self) -> None:
        self._timer.stop()

    def _tick(self) -> None:
        own, clock, name = time.thread_time(), time.perf_counter(), self._during
        self.own_ms[name] = max(self.own_ms[name], (own - self._own) * 1000)
        self.clock_ms[name] = max(self.clock_ms[name], (clock - self._clock) * 1000 - TICK_MS)
        self._own, self._clock = own, clock


def _acts(window: Any, screenshots: Path | None) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield the acts of a person by name, one event each."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    page = window.page("data")
    view = page.view
    grid, bar = view.grid, view.grid.verticalScrollBar()
    shift, none = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier

    def press(key: Qt.Key, modifier: Qt.KeyboardModifier = none) -> Callable[[], None]:
        return lambda: QTest.keyClick(grid, key, modifier)

    def picture(name: str) -> None:
        if screenshots is not None:
            window.grab().save(str(screenshots / f"{name}.png"))

    def settle() -> None:
        """Time for what comes later: checks after a label, thumbnails."""

    yield "wheel", grid.setFocus
    for _ in range(100):
        yield "wheel", lambda: _wheel(grid, -120)
    for _ in range(50):
        yield "page down", press(Qt.Key.Key_PageDown)
    for key in (Qt.Key.Key_End, Qt.Key.Key_Home) * 3:
        yield "end and home", press(key)
    for step in (*range(0, 101), *range(100, -1, -7)):
        yield "drag of the bar", lambda step=step: bar.setValue(bar.maximum() * step // 100)
    for side in (72, 100, 140, 240, 112):
        yield "larger and smaller", lambda side=side: view.size_slider.setValue(side)
    yield "pictures", lambda: picture("all")
    for name in page.classes.list.names()[:4]:
        yield "show a class", lambda name=name: page.show_class(name)
    yield "pictures", lambda: picture("class")
    for name in ("train", "validation", "test"):
        yield "show a side", page.split.sides[name].click
    yield "show all", page.show_card.all.click
    for place in (1, 2, 0):
        yield "sort", lambda place=place: view.sort.setCurrentIndex(place)
    for text in ("1", "11", "111", ""):
        yield "search", lambda text=text: view.search.setText(text)
        for _ in range(4):
            yield "search", settle
    yield "focus", grid.setFocus
    yield "select all", grid.selectAll
    yield "pictures", lambda: picture("selected")
    yield "select one", press(Qt.Key.Key_Home)
    for _ in range(5):
        yield "label one", press(Qt.Key.Key_2)
    yield "undo one", press(Qt.Key.Key_Z)
    yield "select many", press(Qt.Key.Key_PageDown, shift)
    yield "label many", press(Qt.Key.Key_3)
    yield "undo many", press(Qt.Key.Key_Z)
    for _ in range(100):
        yield "check after labels", settle
    yield "select all", grid.selectAll
    yield "label all", press(Qt.Key.Key_1)
    yield "pictures", lambda: picture("labelled")
    yield "undo all", press(Qt.Key.Key_Z)
    yield "select one", press(Qt.Key.Key_Home)
    for name in ("home", "model", "data"):
        yield "other pages", lambda name=name: window.show_page(name)
    for _ in range(100):
        yield "check after labels", settle


def _wheel(grid: Any, turn: int) -> None:
    from PySide6.QtCore import QPoint, QPointF, Qt
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    middle = QPointF(grid.viewport().rect().center())
    event = QWheelEvent(
        middle,
        grid.viewport().mapToGlobal(middle),
        QPoint(),
        QPoint(0, turn),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(grid.viewport(), event)


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--images", type=int, default=60_000)
    parser.add_argument("--out", type=Path, default=Path("build/bench-grid.json"))
    parser.add_argument("--screenshots", default="", help="a folder for pictures of the window")
    asked = parser.parse_args()
    folder = photos.small(count=asked.images).folder
    with tempfile.TemporaryDirectory(prefix="tlstudio-bench-") as home, told(f"{asked.images} images"):
        found = apart("grid", home=Path(home), folder=str(folder), screenshots=asked.screenshots)
    rows = [
        Row(
            name=f"{found['images']} images, longest stall: {name}",
            each=(own,),
            unit="ms",
            at_most=LONGEST_STALL_MS,
            note=f"by the clock {found['clock_ms'][name]:.0f} ms later than due",
        )
        for name, own in found["own_ms"].items()
        if name != "pictures"
    ]
    rows.append(
        Row(
            name="longest stall while scrolling",
            each=(max(found["own_ms"][name] for name in SCROLLING),),
            unit="ms",
            at_most=LONGEST_STALL_MS,
        )
    )
    before, after = found["memory_mb"].values()
    rows.append(
        Row(
            name="memory of the window with its images",
            each=(after - before,),
            unit="MB",
            note=f"{before:.0f} → {after:.0f} MB",
        )
    )
    write(asked.out, rows, details=found)
    print(table(rows))


if __name__ == "__main__":
    if len(sys.argv) == 2 and sys.argv[1].startswith("{"):
        answer(measure)
    else:
        main()
