"""How long the Evaluate page of a run with many classes and images keeps a person waiting.

Usage: python -m tests.benchmarks.evaluate_page [--classes 100] [--images 9000] [--times 5]

Made predictions of a run without images on disk: its folder is read, and the whole page built, filled and
drawn, offscreen unless QT_QPA_PLATFORM says otherwise. The first time counts from the choice of the run until
the page has been drawn with its figures, the second until the images behind them are there; thumbnails and
curves come later.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

TOO_LONG_SECONDS = 60.0


def measure(folder: Path, *, classes: int, images: int, times: int) -> list[tuple[float, ...]]:
    """Seconds until the page is drawn (of the processor, and by the clock) and until it shows images.

    Args:
        folder: Empty; projects and runs are made in it.
        classes: Number of classes.
        images: Number of test images; there are as many check images, and twice as many to learn from.
        times: How often it is measured, each time with a run and a page of its own.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    for name in ("PROJECTS", "SETTINGS", "CACHE"):
        os.environ[f"TLSTUDIO_{name}"] = str(folder / name.lower())
    from PySide6.QtCore import QEvent
    from PySide6.QtWidgets import QApplication

    from tests.gui.made_runs import make_run
    from tlstudio.core.dataset import Dataset, Image, labels_of
    from tlstudio.evaluation.label_scores import ScoredLabel, ScoredLabels, write_label_scores
    from tlstudio.gui.app_state import AppState
    from tlstudio.gui.engine_client import EngineClient
    from tlstudio.gui.pages.evaluate.page import EvaluatePage
    from tlstudio.gui.theme import theme
    from tlstudio.project.store import Project

    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme().apply(app, "light")
    names = [f"class {number:03d}" for number in range(classes)]
    paths = {name: [f"{name}/{number}.jpg" for number in range(4 * images // classes)] for name in names}
    (folder / "images").mkdir()
    with Project.create(folder / "project", name="many", images_root=folder / "images") as project:
        found = [
            Image(path=path, sha256=path, labels=labels_of(name)) for name in names for path in paths[name]
        ]
        project.apply_scan(Dataset.of_folder(folder / "images", images=found, classes=names))
    scored = ScoredLabels(
        labels=tuple(
            ScoredLabel(path=path, label=name, suggestion=names[0], wrong=0.9 if number < 3 else 0.1)
            for name in names
            for number, path in enumerate(paths[name])
        ),
        rate=0.01,
        interval=(0.005, 0.02),
        is_shown=True,
    )
    runs = [
        make_run(folder / "project" / "runs" / f"run-{number}", paths=paths, seed=number)
        for number in range(times)
    ]
    for run in runs:
        write_label_scores(run, scored)
    state = AppState(EngineClient())
    state.open_project(folder / "project")
    _wait(lambda: bool(state.images()) and not state.is_reading_images)
    seconds = []
    for run in runs:
        started, worked = time.perf_counter(), time.process_time()
        state.select_run(run)
        page = EvaluatePage(state)
        page.resize(1280, 720)
        page.show()
        _wait(lambda page=page: page.view.shown is not None and page.view.isVisible())
        page.grab()
        working, drawn = time.process_time() - worked, time.perf_counter() - started
        _wait(lambda page=page: bool(page.view.cell_card.predictions))
        seconds.append((working, drawn, time.perf_counter() - started))
        page.close()
        page.deleteLater()
        # At once: else it would read the next run, too.
        QApplication.sendPostedEvents(page, QEvent.Type.DeferredDelete)
    state.close()
    return seconds


def _wait(ready: Callable[[], bool]) -> None:
    from PySide6.QtCore import QEventLoop
    from PySide6.QtWidgets import QApplication

    end = time.monotonic() + TOO_LONG_SECONDS
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError("the page did not come")
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
        time.sleep(0.001)


def main() -> None:
    """Print the median and the slowest."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--classes", type=int, default=100)
    parser.add_argument("--images", type=int, default=9000)
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seconds = measure(Path(folder), classes=options.classes, images=options.images, times=options.times)
    print(f"Evaluate page, {options.classes} classes x {options.images} test images, {options.times} times")
    for name, each in zip(
        ("figures, processor", "figures, clock", "images, clock"), zip(*seconds, strict=True), strict=True
    ):
        told = ", ".join(f"{one:.2f}" for one in each)
        print(f"{name}: median {statistics.median(each):.2f} s, each {told}")


if __name__ == "__main__":
    main()
