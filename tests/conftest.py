"""The ground that every test relies on: nothing of this computer is read, and nothing is left behind."""

from __future__ import annotations

import atexit
import colorsys
import functools
import gc
import importlib.util
import io
import itertools
import json
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import settings
from PIL import Image

from tests import fork_server
from tests.dialog_watch import DialogWatch

# How long an example takes depends on what else this computer does; that is no fault of the code.
settings.register_profile("tlstudio", deadline=None, max_examples=30)
settings.load_profile("tlstudio")

REPOSITORY = Path(__file__).resolve().parent.parent
BLOCKER = Path(__file__).parent / "blocked_network"

gc.disable()  # see `pytest_collection_finish`

# Libraries read these while they are imported, so a fixture would come too late.
_home = tempfile.mkdtemp(prefix="tlstudio-tests-")
atexit.register(shutil.rmtree, _home, ignore_errors=True)
os.environ.update(
    HF_HUB_OFFLINE="1",
    HF_HOME=str(Path(_home, "hf")),
    TORCH_HOME=str(Path(_home, "torch")),
    # Which runtime is the fastest is left to chance on a busy computer; tests of the choice ask for it.
    TLSTUDIO_RUNTIME="torch-fp32",
    MPLBACKEND="Agg",
    QT_QPA_PLATFORM="offscreen",
)
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the slow tests, so that no process ends with one while the others have nothing to do."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    """Leave what all tests import out of every garbage collection, which would look through it anew."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def session_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all tests of a worker: what is in it is named by its content, so sharing is safe."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def own_places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Paths in a folder of this process, each for one test; most tests make nothing there."""
    folder = tmp_path_factory.mktemp("own")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def own_folders(own_places: Iterator[Path], session_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings and projects of the test's own; the cache is shared (see `fresh_cache`)."""
    place = next(own_places)
    monkeypatch.setenv("TLSTUDIO_CACHE", str(session_cache))
    monkeypatch.setenv("TLSTUDIO_SETTINGS", str(place / "settings"))
    monkeypatch.setenv("TLSTUDIO_PROJECTS", str(place / "projects"))


@pytest.fixture(autouse=True)
def no_waiting_for_disks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a computer that loses power would notice, and no test takes the power away."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    monkeypatch.setattr("tlstudio.project.connection.SYNCHRONOUS", "OFF")


@pytest.fixture
def fresh_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, for tests that look at what is cached."""
    cache = tmp_path / "cache-of-test"
    monkeypatch.setenv("TLSTUDIO_CACHE", str(cache))
    return cache


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real image sets that lies beside the project; the test is skipped without it."""
    asked = os.environ.get("TLSTUDIO_SHARED_DATA")
    folder = Path(asked) if asked else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the real image sets are not here ({folder}); TLSTUDIO_SHARED_DATA can name them")
    return folder


# ---- images ------------------------------------------------------------------------------------------


def draw_photo(class_index: int, *, width: int, height: int, seed: int) -> Image.Image:
    """A picture whose class shows in both colour and texture: stripes, rings, squares, dots, in turn."""
    rng = np.random.default_rng([seed, class_index])
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    period, shift = rng.uniform(10, 16), rng.uniform(0, 10)
    waves = (
        np.sin(2 * np.pi * (x + shift) / period),
        np.sin(2 * np.pi * np.hypot(x - width / 2, y - height / 2) / period),
        np.sign(np.sin(np.pi * (x + shift) / period) * np.sin(np.pi * (y + shift) / period)),
        np.cos(2 * np.pi * x / period) * np.cos(2 * np.pi * y / period) * 2 - 1,
    )
    texture = 0.5 + 0.25 * waves[class_index % len(waves)]
    colour = colorsys.hsv_to_rgb((class_index * 0.381 + rng.uniform(-0.02, 0.02)) % 1, 0.75, 1.0)
    pixels = texture[..., None] * np.array(colour) * 255 + rng.normal(0, 8, (height, width, 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


Photos = Callable[..., Path]


def make_photos(
    root: Path,
    *,
    classes: tuple[str, ...] = ("ants", "bees", "leaves"),
    per_class: int = 8,
    seed: int = 0,
) -> Path:
    """Make a folder with one folder per class, of small JPEGs that are easy to tell apart.

    Sizes differ from image to image (48 to 128 pixels), and no two files are alike.
    """
    for class_index, class_name in enumerate(classes):
        folder = root / class_name
        folder.mkdir(parents=True)
        for number in range(per_class):
            width, height = 48 + 16 * (number % 6), 48 + 16 * ((number * 3 + class_index) % 6)
            jpeg = _jpeg(class_index, width=width, height=height, seed=seed * 10_000 + number)
            (folder / f"photo-{number:03d}.jpg").write_bytes(jpeg)
    return root


@functools.lru_cache(maxsize=4096)
def _jpeg(class_index: int, *, width: int, height: int, seed: int) -> bytes:
    """Draw a photo once for all tests of a process, which make hundreds of equal folders."""
    stream = io.BytesIO()
    draw_photo(class_index, width=width, height=height, seed=seed).save(stream, "jpeg", quality=90)
    return stream.getvalue()


@pytest.fixture
def photos(tmp_path: Path) -> Photos:
    """`make_photos` in the test's own folder: `photos(per_class=8, name="photos")` returns the folder."""

    def make(*, name: str = "photos", **rest: Any) -> Path:
        return make_photos(tmp_path / name, **rest)

    return make


# ---- a trained run -----------------------------------------------------------------------------------


Once = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Makes a folder once for all processes that share the tests: `once("runs", make)` returns the folder.

    `make` is called with the folder, which is there and empty; whoever comes later waits until it is full.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def folder(name: str, make: Callable[[Path], None]) -> Path:
        place, done = shared / f"once-{name}", shared / f"once-{name}.done"
        with FileLock(shared / f"once-{name}.lock"):
            if not done.exists():
                place.mkdir()
                make(place)
                done.touch()
        return place

    return folder


class TrainedRun(NamedTuple):
    """A finished run of the tiny backbone; nobody may change its files.

    Attributes:
        images: Three classes of 14 images, and bees/torn.jpg, which is none.
        run: The run's folder.
        result: What the training returned.
    """

    images: Path
    run: Path
    result: dict[str, Any]


@pytest.fixture
def tiny_backbones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Training and loading use the tiny backbone of tests/training/tiny.py, whatever a recipe names."""
    use_tiny_backbone(monkeypatch)


def use_tiny_backbone(patch: pytest.MonkeyPatch) -> None:
    """See `tiny_backbones`."""
    from tests.training.tiny import no_difference, tiny_backbone
    from tlstudio.models.catalogue import backbone_info

    patch.setattr("tlstudio.training.run.look_back.load_backbone", tiny_backbone)
    patch.setattr("tlstudio.training.run.look_back.measure_pretraining", no_difference)
    patch.setattr("tlstudio.models.classifier.load_backbone", tiny_backbone)
    patch.setattr("tlstudio.training.auto.ranking.load_backbone", tiny_backbone)
    patch.setattr("tlstudio.training.run.assembly.load_backbone", tiny_backbone)
    # No catalogue knows it, but an export's card tells where the weights come from.
    patch.setattr("tlstudio.export.card.find_backbone", lambda _id: backbone_info("efficientnet_lite0"))


@pytest.fixture(scope="session")
def trained_run(once: Once, session_cache: Path) -> TrainedRun:
    """One run for all tests that only look at it; load its classifier with `tiny_backbones`."""

    def make(folder: Path) -> None:
        from tests.training.tiny import train

        images = make_photos(folder / "images", per_class=14)
        (images / "bees" / "torn.jpg").write_bytes(b"\xff\xd8\xff\xe0 torn")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TLSTUDIO_CACHE", str(session_cache))
            use_tiny_backbone(patch)
            result = train(images, folder / "run-1", split={"validation": 0.2, "test": 0.2})
        (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")

    made = once("trained-run", make)
    result = json.loads((made / "result.json").read_text(encoding="utf-8"))
    return TrainedRun(images=made / "images", run=made / "run-1", result=result)


@pytest.fixture
def quick_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports contain a grey dot instead of each figure, for tests that do not look at figures."""
    stream = io.BytesIO()
    Image.new("L", (1, 1), 128).save(stream, "png")
    monkeypatch.setattr("tlstudio.report.html.draw_view", lambda *args, **rest: stream.getvalue())


@pytest.fixture(scope="session")
def readback_server() -> Iterator[fork_server.ForkServer | None]:
    """Reads exports back in forked processes; None where the system cannot fork so."""
    if not fork_server.IS_POSSIBLE:
        yield None
        return
    server = fork_server.ForkServer(REPOSITORY / "tests" / "export" / "forked_readback.py")
    yield server
    server.close()


@pytest.fixture
def quick_readback(readback_server: fork_server.ForkServer | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exports are read back by a forked process, which need not import anything; it knows no toys."""
    if readback_server is not None:
        monkeypatch.setattr("tlstudio.export.parity.READER", readback_server.command)


# ---- network -----------------------------------------------------------------------------------------


@pytest.fixture
def no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuses connections, here and in child processes; any attempt fails the test, even one caught."""
    log = tmp_path / "blocked-connections.txt"
    spec = importlib.util.spec_from_file_location("tlstudio_blocked_network", BLOCKER / "sitecustomize.py")
    assert spec is not None
    assert spec.loader is not None
    blocker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(blocker)
    blocker.block(monkeypatch.setattr)
    monkeypatch.setenv("TLSTUDIO_BLOCKED_LOG", str(log))
    inherited = os.environ.get("PYTHONPATH")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(BLOCKER), *([inherited] if inherited else [])]))
    yield
    attempts = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    assert not attempts, f"tried to reach the network: {attempts}"


# ---- nothing stays behind ----------------------------------------------------------------------------


def _running_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if not thread.daemon}


def _qt_leftovers() -> dict[int, str]:
    """Active timers, running threads and top-level widgets that Python knows of, by identity."""
    widgets, core = sys.modules.get("PySide6.QtWidgets"), sys.modules.get("PySide6.QtCore")
    if core is None or core.QCoreApplication.instance() is None:
        return {}
    import shiboken6

    app = core.QCoreApplication.instance()
    core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete.value)
    found: dict[int, str] = {}
    for thing in shiboken6.getAllValidWrappers():
        if isinstance(thing, core.QTimer) and thing.isActive() and thing.objectName() != DialogWatch.NAME:
            found[id(thing)] = f"active timer {thing!r}"
        elif isinstance(thing, core.QThread) and thing is not app.thread() and thing.isRunning():
            found[id(thing)] = f"running thread {thing!r}"
    if widgets is not None and isinstance(app, widgets.QApplication):
        for widget in app.topLevelWidgets():
            if widget.parent() is None and widget.metaObject().className() != "QTipLabel":
                found[id(widget)] = f"top-level widget {widget!r}"
    return found


LEAVING_SECONDS = 2


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fails a test that leaves a thread, a Qt timer or a window behind; they get a little time to end."""
    threads, qt = _running_threads(), _qt_leftovers()
    yield
    deadline = time.monotonic() + LEAVING_SECONDS
    while True:
        left = [f"thread {thread.name}" for thread in _running_threads() - threads]
        left += [text for key, text in _qt_leftovers().items() if key not in qt]
        if not left:
            return
        if time.monotonic() > deadline:
            break
        gc.collect()
        time.sleep(0.02)
    pytest.fail("left behind: " + ", ".join(sorted(left)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Watch while the test runs."""
    with DialogWatch(patience_seconds=20) as watch:
        yield
    watch.check()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """Watch while windows are closed, which may ask whether that is meant."""
    with DialogWatch(patience_seconds=LEAVING_SECONDS) as watch:
        yield
    watch.check()
