"""How long the window keeps a person waiting while the engine trains at full speed.

The real window, drawn offscreen unless QT_QPA_PLATFORM says otherwise, with the real engine process: a folder
is opened, its last stage is fine-tuned, and a timer that should tick every 5 ms notes how late each tick is,
and how long the window's own thread computed since the last one, which other programs do not change.
"""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.measuring import answer

TICK_MS = 5
SETTLED_SECONDS = 2.0
"""Building the pages and reading the folder come before training and are not part of this figure."""


def measure(*, folder: str, recipe: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Milliseconds that ticks came late, and that the window itself computed at a time, while a run trains.

    Args:
        folder: Photos.
        recipe: Long enough to last.
        seconds: At most; the training is cancelled then.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import Qt, QTimer
    from PySide6.QtWidgets import QApplication

    from tlstudio.gui.app_state import AppState
    from tlstudio.gui.engine_client import EngineClient, prioritise_gui_thread
    from tlstudio.gui.main_window import MainWindow
    from tlstudio.gui.settings import Settings
    from tlstudio.gui.theme import theme

    prioritise_gui_thread()
    app = QApplication([])
    theme().apply(app, "light", text_scale=1.0)
    app_state = AppState(EngineClient())
    window = MainWindow(app_state, settings=Settings())
    window.resize(1280, 720)
    window.show()
    app_state.engine.start()
    window.open_path(Path(folder))
    window.build_ahead()

    late: list[tuple[float, str]] = []
    busy: list[float] = []
    stages: list[str] = [""]
    failures: list[str] = []
    app_state.failed.connect(lambda failed: failures.append(failed.what))
    last = [time.perf_counter()]
    last_cpu = [time.thread_time()]

    def tick() -> None:
        now = time.perf_counter()
        late.append(((now - last[0]) * 1000 - TICK_MS, stages[0]))
        last[0] = now
        cpu = time.thread_time()
        busy.append((cpu - last_cpu[0]) * 1000)
        last_cpu[0] = cpu

    def follow(event: Any) -> None:
        stages[0] = getattr(event, "stage", None) or ("training" if hasattr(event, "step") else stages[0])

    timer = QTimer(interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)

    def ended() -> None:
        timer.stop()
        app.quit()

    def start() -> None:
        app_state.update_recipe(recipe)
        window.show_page("train")
        app_state.train()
        app_state.training.event_received.connect(follow)
        app_state.training.ended.connect(ended)
        last[0], last_cpu[0] = time.perf_counter(), time.thread_time()
        timer.start()
        QTimer.singleShot(
            int(seconds * 1000), lambda: app_state.training and app_state.training.command("cancel")
        )

    def scanned() -> None:
        app_state.images_changed.disconnect(scanned)
        QTimer.singleShot(int(SETTLED_SECONDS * 1000), start)

    app_state.images_changed.connect(scanned)
    app.exec()
    app_state.close()
    window.deleteLater()
    if failures:
        raise RuntimeError(failures[0])
    delays = sorted(delay for delay, _ in late)
    worst = max(late)
    return {
        "ticks": len(late),
        "p99_ms": statistics.quantiles(delays, n=100)[98],
        "worst_ms": worst[0],
        "worst_during": worst[1],
        "own_worst_ms": max(busy),
        "stages": sorted({stage for _, stage in late}),
    }


if __name__ == "__main__":
    answer(measure)
