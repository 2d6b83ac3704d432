"""The whole road in the real window with the real engine: drop, choose, train, evaluate, export.

While it trains, a timer on the GUI thread measures how long that thread computed at a time, so that nothing
slow ever lands there unnoticed; tests/benchmarks/events_delay.py measures how smooth the window is.
"""

from __future__ import annotations

import shutil
import time

import pytest
from PySide6.QtCore import QTimer

from tests.conftest import draw_photo
from tests.gui.robots.evaluate import EvaluateRobot
from tests.gui.robots.model import ModelRobot
from tests.gui.robots.train import TrainRobot
from tests.gui.robots.use import UseRobot
from tests.gui.robots.window import WindowRobot
from tlstudio.gui.engine_client import ENGINE_COMMAND

PER_CLASS = 6
TICK_MS = 5
LONGEST_ALLOWED_MS = 500.0
"""About a tenth is usual; what does not belong on the GUI thread, such as importing torch, takes seconds."""


class Heartbeat:
    """Ticks on the GUI thread and remembers how long that thread computed between two ticks."""

    def __init__(self) -> None:
        self.busy_ms: list[float] = []
        self._last = 0.0
        self.timer = QTimer()
        self.timer.setInterval(TICK_MS)
        self.timer.timeout.connect(self._tick)

    def start(self) -> None:
        self._last = time.thread_time()
        self.timer.start()

    def _tick(self) -> None:
        now = time.thread_time()
        self.busy_ms.append((now - self._last) * 1000)
        self._last = now


@pytest.fixture
def real_engine_command(monkeypatch) -> tuple[str, ...]:
    """The engine as the app starts it, on the runtime that is the quickest nearly always."""
    monkeypatch.setenv("TLSTUDIO_RUNTIME", "onnx-runtime")
    return ENGINE_COMMAND


@pytest.fixture
def photos_like_trash(tmp_path, request):
    """Six classes of six photos: of the real data set where it is present, else drawn."""
    try:
        real = request.getfixturevalue("shared_data") / "trash6"
    except pytest.skip.Exception:
        real = None
    for index, name in enumerate(("cardboard", "glass", "metal", "paper", "plastic", "trash")):
        folder = tmp_path / "trash" / name
        folder.mkdir(parents=True)
        if real is not None:
            for file in sorted((real / name).iterdir())[:PER_CLASS]:
                shutil.copy(file, folder)
            continue
        for number in range(PER_CLASS):
            image = draw_photo(index, width=120 + number, height=100, seed=number)
            image.save(folder / f"{number}.jpg")
    return tmp_path / "trash"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_from_dropped_photos_to_an_exported_model(real_window, photos_like_trash, qtbot, tmp_path):
    person = WindowRobot(real_window, qtbot)
    app_state = real_window.app_state

    person.drop(photos_like_trash)
    qtbot.waitUntil(
        lambda: len(app_state.images()) == 6 * PER_CLASS and not app_state.engine.open_jobs(), timeout=120_000
    )
    assert person.page == "data"

    person.choose_step("model")
    model = ModelRobot(real_window.page("model"), qtbot)
    model.drag_line_to("blocks.6")
    app_state.update_recipe({"epochs": 4})
    heart = Heartbeat()
    heart.start()
    model.train()
    assert person.page == "train"
    train = TrainRobot(real_window.page("train"), qtbot)
    qtbot.waitUntil(lambda: real_window.page("train").follower.history.best is not None, timeout=200_000)
    first = len(real_window.page("train").follower.history.epochs)
    qtbot.waitUntil(lambda: len(real_window.page("train").follower.history.epochs) > first, timeout=100_000)
    train.wait_for_curves()
    assert app_state.training is not None, "the curve moved while it was training"
    qtbot.waitUntil(lambda: app_state.training is None, timeout=200_000)
    heart.timer.stop()

    person.choose_step("evaluate")
    evaluate = EvaluateRobot(real_window.page("evaluate"), qtbot).wait_for_figures()
    metrics = real_window.page("evaluate").view.shown.evaluation.primary.metrics
    true, predicted = metrics.worst_cell() or (0, 0)
    evaluate.open_cell_by_keyboard(true, predicted)
    assert len(evaluate.cell_images()) == metrics.confusion[true][predicted]

    person.choose_step("use")
    use = UseRobot(real_window.page("use"), qtbot).wait_until_ready()
    some = next(photos_like_trash.rglob("*.jpg"))
    use.drop(some)
    use.wait_for_predictions(1)
    assert sum(use.bars.values()) == pytest.approx(1, abs=0.01)
    out = tmp_path / "model.onnx"
    job = app_state.submit(
        "export", run=str(app_state.run.path), format="onnx", out=str(out), images_root=str(photos_like_trash)
    )
    with qtbot.waitSignal(job.succeeded, timeout=200_000) as exported:
        pass
    parity = exported.args[0]["parity"]
    assert parity["same_class"] == parity["n"] >= 32
    assert out.exists()

    assert max(heart.busy_ms) <= LONGEST_ALLOWED_MS
