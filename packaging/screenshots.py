"""Takes the pictures of README.md and the user guide: the real window, the real engine, a real training.

Run from the repository: `PYTHONPATH=. python packaging/screenshots.py`. Without a folder it shows the sample
"Nuts and bolts"; everything it makes lies in a temporary home folder, so that no path of this computer
gets into a picture.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QThreadPool
from PySide6.QtWidgets import QApplication

from tlstudio.core.events import EpochEnded, Event, JobFailed
from tlstudio.core.files import write_text
from tlstudio.gui.app_state import AppState
from tlstudio.gui.engine_client import EngineClient
from tlstudio.gui.main_window import MainWindow
from tlstudio.gui.pages.data.page import DataPage
from tlstudio.gui.pages.home.page import SAMPLES
from tlstudio.gui.pages.model.cost import MEASURING
from tlstudio.gui.pages.model.page import ModelPage
from tlstudio.gui.pages.use.try_images import TryCard
from tlstudio.gui.settings import Settings
from tlstudio.gui.theme import Choice, theme

OUT = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
LOOKS: tuple[Choice, ...] = ("light", "dark")
SAMPLE, SAMPLE_TITLE, _ = SAMPLES[1]
EPOCHS = 12
SHOWN_EPOCHS = 6
STILL_SECONDS = 0.4
LONGEST_SECONDS = 600.0
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <alias><family>sans-serif</family><prefer><family>Inter</family></prefer></alias>
</fontconfig>
"""
"""A bare system's usual font is not what desktops show. Where Inter is not installed, it stays."""


class Photographer:
    """Does what a person does in the window, and takes pictures of it.

    Args:
        window: Shown already.
        out: Where the pictures go.
        text_scale: 1.0 is the usual text size.
    """

    def __init__(self, window: MainWindow, out: Path, *, text_scale: float) -> None:
        self.window, self.app_state, self.out, self.text_scale = window, window.app_state, out, text_scale
        self.app_state.failed.connect(_stop)

    def wait(self, ready: Callable[[], bool]) -> None:
        """Let the window work until something is so."""
        end = time.monotonic() + LONGEST_SECONDS
        while not ready():
            if time.monotonic() > end:
                raise TimeoutError("the window did not get there")
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)

    def wait_idle(self) -> None:
        """Until the engine has nothing to do any more."""
        self.wait(lambda: not self.app_state.engine.open_jobs())

    def wait_still(self, *, longest_seconds: float) -> None:
        """Until the thumbnails and figures are drawn and the window looks the same for a while."""
        pool = self.app_state.background.findChild(QThreadPool)
        assert pool is not None
        started = changed = time.monotonic()
        before = self.window.grab().toImage()
        while time.monotonic() < min(changed + STILL_SECONDS, started + longest_seconds):
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
            now = self.window.grab().toImage()
            if now != before or not pool.waitForDone(0):
                before, changed = now, time.monotonic()

    def take(self, page: str, *, longest_seconds: float = 20.0) -> None:
        """Take a picture of a page in each look; one that keeps changing after so many seconds."""
        self.window.show_page(page)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        for look in LOOKS:
            theme().apply(app, look, text_scale=self.text_scale)
            self.wait_still(longest_seconds=longest_seconds)
            self.window.grab().save(str(self.out / f"{page}-{look}.png"))

    def measure(self) -> None:
        """Wait on the Model page until the cost of the choice is known."""
        self.window.show_page("model")
        page = self.window.page("model")
        assert isinstance(page, ModelPage)
        self.wait(lambda: page.cost.words.text() not in ("", MEASURING))

    def train(self) -> None:
        """Train the last stages, and take the picture of it in the middle."""
        self.app_state.update_recipe({"strategy": "fine-tune", "freeze": "blocks.6", "epochs": EPOCHS})
        self.window.show_page("train")
        self.app_state.train()
        events: list[Event] = []
        assert self.app_state.training is not None
        self.app_state.training.event_received.connect(events.append)
        self.wait(lambda: sum(isinstance(event, EpochEnded) for event in events) > SHOWN_EPOCHS)
        self.take("train", longest_seconds=3.0)
        if self.app_state.training_run is None:
            print("screenshots: the training was over before its picture was taken", file=sys.stderr)
        self.wait_idle()

    def export(self, file: Path) -> None:
        """Export the run as a person would, into their own folder."""
        assert self.app_state.run is not None
        assert self.app_state.project is not None
        run, root = str(self.app_state.run.path), str(self.app_state.project.images_root)
        self.app_state.submit("export", run=run, format="onnx", out=str(file), images_root=root)
        self.wait_idle()

    def try_image(self) -> None:
        """Ask the classifier about one of the project's images."""
        project, images = self.app_state.project, self.app_state.images()
        card = self.window.page("use").findChild(TryCard)
        assert project is not None
        assert isinstance(card, TryCard)
        self.wait(lambda: self.window.page("use").summary() == "try · export")
        card.predict([str(project.images_root / images[len(images) // 2].path)])
        self.wait_idle()

    def take_all(self, folder: Path | None) -> None:
        """All pages, in the order of the work."""
        self.app_state.open_sample(SAMPLE, title=SAMPLE_TITLE)
        self.wait_idle()
        if folder is not None:
            self.app_state.open_images(folder)
            self.wait_idle()
        self.wait(lambda: bool(self.app_state.images()))
        page = self.window.page("data")
        assert isinstance(page, DataPage)
        page.view.grid.select_key(self.app_state.images()[0].path)
        self.take("data")
        self.train()
        self.measure()
        self.take("model")
        self.take("evaluate")
        assert self.app_state.project is not None
        self.export(Path.home() / f"{self.app_state.project.name}.onnx")
        self.try_image()
        self.take("use")
        self.take("home")


def _stop(failure: JobFailed) -> None:
    raise SystemExit(f"screenshots: {failure.what} {failure.mend}")


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description="Takes the pictures of the documents.")
    parser.add_argument("folder", nargs="?", type=Path, help="one sub-folder per class; its name shows")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--size", default="1440x900")
    parser.add_argument("--text-scale", type=float, default=1.0)
    options = parser.parse_args()
    width, height = (int(part) for part in options.size.split("x"))
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ["HOME"] = home
        write_text(Path(home, ".config", "fontconfig", "fonts.conf"), FONTS)
        for name in ("PROJECTS", "SETTINGS", "CACHE"):
            os.environ[f"TLSTUDIO_{name}"] = str(Path(home, name.lower()))
        app = QApplication(sys.argv[:1])
        theme().apply(app, LOOKS[0], text_scale=options.text_scale)
        app_state = AppState(EngineClient())
        app_state.engine.start()
        window = MainWindow(app_state, settings=Settings())
        window.resize(width, height)
        window.show()
        Photographer(window, options.out, text_scale=options.text_scale).take_all(options.folder)
        window.close()
        app_state.close()


if __name__ == "__main__":
    main()
