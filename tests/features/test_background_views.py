"""Random views are computed while training runs; an epoch's views depend on its number only."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest
import torch

from tests.training.collecting import images_of
from tests.training.tiny import FINE, Photos, same_weights, tiny_backbone, train
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import Emit, EpochEnded, Event, Paused, StageStarted, ignore
from tlstudio.features.background_views import BackgroundViews
from tlstudio.features.extractor import FeatureExtractor
from tlstudio.features.images import RunImage
from tlstudio.features.views import RANDOM_VIEWS, View, cached_views, split_views
from tlstudio.specs.recipe import AugmentationSettings

SETTINGS = AugmentationSettings(crop=0.2, colour=0.3)
AT_ONCE, LATER = split_views(cached_views(SETTINGS, seed=3))
VARIED = {**FINE, "augmentation": {"crop": 0.2, "colour": 0.3}, "epochs": 7}


class Gated(FeatureExtractor):
    """Computes each random view only when the test allows it."""

    asked: list[View]
    gate: threading.Semaphore

    def collect(self, *parts, control, **rest):
        for view in (view for _, views in parts for view in views if view.seed is not None):
            self.asked.append(view)
            while not self.gate.acquire(timeout=0.01):
                control.check()
        return super().collect(*parts, control=control, **rest)


@pytest.fixture
def side(fresh_cache: Path) -> Gated:
    backbone = tiny_backbone()
    made = Gated(backbone, end="top", preprocessing=backbone.preprocessing, device="cpu", threads=1)
    made.asked, made.gate = [], threading.Semaphore(0)
    return made


@pytest.fixture
def images(photos: Photos) -> list[RunImage]:
    return images_of(photos(per_class=3))


def growing(
    side: Gated, images: list[RunImage], *, control: Control | None = None, emit: Emit = ignore
) -> AbstractContextManager[BackgroundViews]:
    (start,) = side.collect((images, AT_ONCE), run_id="r", emit=ignore, control=Control())
    return closing(BackgroundViews(start, later=LATER, run_id="r", emit=emit, control=control or Control()))


def test_each_epoch_has_one_more_view_and_reads_its_activations(side: Gated, images: list[RunImage]):
    with growing(side, images) as got:
        assert [got.views_in_epoch(epoch) for epoch in range(1, 8)] == [1, 2, 3, 4, 5, 5, 5]
        assert len(LATER) == RANDOM_VIEWS
        for epoch in range(1, 8):
            side.gate.release()
            got.start_epoch(epoch)
            drawn = [number % got.views_in_epoch(epoch) for number in range(len(images))]
            rows = got.read(range(len(images)), drawn)
            for row, (image, number) in enumerate(zip(images, drawn, strict=True)):
                view = (*AT_ONCE, *LATER)[number]
                wanted = torch.from_numpy(side.store.read([f"{image.sha256}/{view.id}"]))[0]
                assert torch.equal(rows[row], wanted)
        assert side.asked == list(LATER)


def until(met: Callable[[], bool]) -> None:
    for _ in range(500):
        if met():
            return
        time.sleep(0.01)
    raise AssertionError("it never happened")


def test_the_next_view_is_computed_while_an_epoch_trains(side: Gated, images: list[RunImage]):
    with growing(side, images) as got:
        got.start_epoch(1)
        until(lambda: bool(side.asked))
        assert side.asked == [LATER[0]], "and not more than one ahead"


def test_an_epoch_waits_for_its_missing_views_and_emits_a_stage(side: Gated, images: list[RunImage]):
    events: list[Event] = []

    def emit(event: Event) -> None:
        events.append(event)
        if len(events) == 1:  # it says that it waits, and nothing is computed before that
            for _ in LATER:
                side.gate.release()

    with growing(side, images, emit=emit) as got:
        got.start_epoch(4)
        assert side.asked[:3] == list(LATER[:3])
    titles = [event.title for event in events if isinstance(event, StageStarted)]
    assert titles == ["Making variants of the images", "Training"]


@pytest.mark.parametrize("command", ["cancel", "stop"])
def test_commands_end_the_waiting_at_once(side: Gated, images: list[RunImage], command: str):
    control = Control()
    with growing(side, images, control=control) as got:
        got.start_epoch(1)
        threading.Timer(0.2, getattr(control, command)).start()
        with pytest.raises(Cancelled):  # the view that is missing never comes
            got.start_epoch(2)
    until(lambda: not [t for t in threading.enumerate() if t.name.startswith(("views", "Thread"))])


def test_a_pause_is_emitted_and_closing_while_paused_does_not_hang(side: Gated, images: list[RunImage]):
    control, events = Control(), list[Event]()

    def emit(event: Event) -> None:
        events.append(event)
        if isinstance(event, Paused):
            side.gate.release()
            control.resume()

    with growing(side, images, control=control, emit=emit) as got:
        got.start_epoch(1)
        control.pause()
        got.start_epoch(2)
        assert any(isinstance(event, Paused) for event in events)
        control.pause()
    until(lambda: not [t for t in threading.enumerate() if t.name.startswith("views")])


def test_views_of_later_epochs_are_not_computed(
    photos: Photos, tmp_path: Path, fresh_cache: Path, tiny: None
):
    train(photos(), tmp_path / "run", **{**VARIED, "epochs": 3})
    kept = next((fresh_cache / "activations").glob("tiny-top*")) / "index.txt"
    views = {line.split("/")[1].split()[0] for line in kept.read_text().splitlines()}
    assert len(views) == 3, "the plain one and two random ones"


@pytest.mark.usefixtures("tiny")
def test_the_first_epoch_waits_for_the_fixed_views_only(
    photos: Photos, tmp_path: Path, fresh_cache: Path, monkeypatch: pytest.MonkeyPatch
):
    first, held = threading.Event(), []
    real = FeatureExtractor.collect

    def collect(self, *parts, **rest):
        if any(view.seed is not None for _, views in parts for view in views):
            held.append(first.wait(10))
        return real(self, *parts, **rest)

    def hear(event: Event) -> None:
        if isinstance(event, EpochEnded) and event.epoch == 1:
            first.set()

    monkeypatch.setattr(FeatureExtractor, "collect", collect)
    train(photos(), tmp_path / "run", emit=hear, **VARIED)
    assert held == [True] * RANDOM_VIEWS


@pytest.mark.usefixtures("tiny")
def test_with_all_views_cached_or_interrupted_the_weights_are_the_same(
    photos: Photos, tmp_path: Path, fresh_cache: Path, monkeypatch: pytest.MonkeyPatch
):
    root, control = photos(), Control()
    train(root, tmp_path / "first", **VARIED)
    train(root, tmp_path / "cached", **VARIED)
    assert same_weights(tmp_path / "first", tmp_path / "cached")
    monkeypatch.setenv("TLSTUDIO_CACHE", str(tmp_path / "other-cache"))

    def leave(event: Event) -> None:
        if isinstance(event, EpochEnded) and event.epoch == 3:
            control.cancel()

    with pytest.raises(Cancelled):
        train(root, tmp_path / "left", emit=leave, control=control, **VARIED)
    train(root, tmp_path / "left", resume=True)
    assert same_weights(tmp_path / "first", tmp_path / "left")


@pytest.mark.usefixtures("tiny")
def test_an_image_deleted_before_its_view_is_computed_is_an_error_that_loses_no_epoch(
    photos: Photos, tmp_path: Path, fresh_cache: Path, monkeypatch: pytest.MonkeyPatch
):
    def gone(self: FeatureExtractor, *parts: object, **rest: object) -> None:
        if any(view.seed is not None for _, views in parts for view in views):
            raise UserError("The image bees/photo-001.jpg can no longer be read.", mend="Put it back.")
        return real(self, *parts, **rest)

    root, real, ended = photos(), FeatureExtractor.collect, list[Event]()
    train(root, tmp_path / "whole", **VARIED)
    monkeypatch.setenv("TLSTUDIO_CACHE", str(tmp_path / "other-cache"))
    with monkeypatch.context() as patch:
        patch.setattr(FeatureExtractor, "collect", gone)
        with pytest.raises(UserError, match="photo-001"):
            train(root, tmp_path / "run", **VARIED)
    train(root, tmp_path / "run", resume=True, emit=ended.append)
    assert min(event.epoch for event in ended if isinstance(event, EpochEnded)) == 2, "epoch 1 was kept"
    assert same_weights(tmp_path / "whole", tmp_path / "run")
