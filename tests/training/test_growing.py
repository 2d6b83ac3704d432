"""Random views come while training runs; which views an epoch draws from depends on its number alone."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import torch

from tests.training.test_frozen import images_of
from tests.training.tiny import FINE, Photos, same_weights, tiny_backbone, train
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import EpochEnded, Event, StageProgress, StageStarted, ignore
from tlstudio.core.recipe import AugmentationSettings
from tlstudio.training import session
from tlstudio.training.frozen import Activations, FrozenSide
from tlstudio.training.growing import GrowingActivations
from tlstudio.training.images import RunImage
from tlstudio.training.views import RANDOM_VIEWS, View, cached_views, divided

SETTINGS = AugmentationSettings(crop=0.2, colour=0.3)
AT_ONCE, LATER = divided(cached_views(SETTINGS, seed=3))
VARIED = {**FINE, "augmentation": {"crop": 0.2, "colour": 0.3}, "epochs": 7}


class Views:
    """Computes views by the tiny backbone's frozen side, each only when it is let through."""

    def __init__(self, images: list[RunImage]) -> None:
        backbone = tiny_backbone()
        self.side = FrozenSide(
            backbone, end="top", preprocessing=backbone.preprocessing, device="cpu", threads=1
        )
        self.images = images
        self.asked: list[View] = []
        self.gate = threading.Semaphore(0)

    def collect(self, view: View, control: Control) -> Activations:
        self.asked.append(view)
        while not self.gate.acquire(timeout=0.01):
            control.check()
        return self.now(view, control=control)

    def now(self, *views: View, control: Control | None = None) -> Activations:
        part = (self.images, views)
        (found,) = self.side.collect(part, run_id="r", emit=ignore, control=control or Control())
        return found


@pytest.fixture
def views(photos: Photos, fresh_cache: Path) -> Views:
    return Views(images_of(photos(per_class=3)))


def growing(views: Views, control: Control | None = None) -> GrowingActivations:
    return GrowingActivations(
        views.now(*AT_ONCE), later=LATER, collect=views.collect, control=control or Control()
    )


def test_each_epoch_has_one_view_more_and_its_rows_are_those_of_the_view(views: Views):
    with growing(views) as got:
        assert [got.views_at(epoch) for epoch in range(1, 8)] == [1, 2, 3, 4, 5, 5, 5]
        assert len(LATER) == RANDOM_VIEWS
        for epoch in range(1, 8):
            views.gate.release()
            got.start_epoch(epoch)
            count = got.views_at(epoch)
            drawn = [number % count for number in range(len(views.images))]
            rows = got.read(range(len(views.images)), drawn)
            for row, (index, view) in enumerate(zip(range(len(views.images)), drawn, strict=True)):
                assert torch.equal(rows[row], views.now((*AT_ONCE, *LATER)[view]).read([index])[0])
        assert views.asked == list(LATER)


def test_the_next_view_is_computed_while_an_epoch_trains(views: Views):
    with growing(views) as got:
        got.start_epoch(1)
        for _ in range(200):
            if views.asked:
                break
            threading.Event().wait(0.01)
        assert views.asked == [LATER[0]], "and not more than one ahead"


def test_a_later_epoch_waits_for_all_it_needs(views: Views):
    for _ in LATER:
        views.gate.release()
    with growing(views) as got:
        got.start_epoch(4)
        assert views.asked[:3] == list(LATER[:3])


@pytest.mark.parametrize("ending", ["closed", "cancelled"])
def test_leaving_does_not_wait_for_a_view_that_nobody_wants(views: Views, ending: str):
    control = Control()
    with growing(views, control) as got:
        got.start_epoch(1)
        if ending == "cancelled":
            control.cancel()
            with pytest.raises(Cancelled):
                got.start_epoch(2)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("views")]


@pytest.mark.usefixtures("tiny")
def test_the_first_epoch_comes_after_one_pass(photos: Photos, tmp_path: Path, fresh_cache: Path):
    events: list[Event] = []
    root = photos()
    train(root, tmp_path / "run", emit=events.append, **VARIED)
    (started,) = (e for e in events if isinstance(e, StageStarted) and e.stage == "features")
    shown = max(e.done for e in events if isinstance(e, StageProgress) and e.stage == "features")
    assert started.total == shown
    kept = next((fresh_cache / "activations").glob("tiny-top*")) / "index.txt"
    train_count = sum(1 for line in kept.read_text().splitlines() if "/random-" in line) / RANDOM_VIEWS
    assert train_count == int(train_count) > 0
    assert [e.epoch for e in events if isinstance(e, EpochEnded)] == list(range(8))


@pytest.mark.usefixtures("tiny")
def test_with_all_views_cached_or_interrupted_the_weights_are_the_same(
    photos: Photos, tmp_path: Path, fresh_cache: Path, monkeypatch: pytest.MonkeyPatch
):
    root, control = photos(), Control()
    train(root, tmp_path / "first", **VARIED)
    train(root, tmp_path / "cached", **VARIED)
    assert same_weights(tmp_path / "first", tmp_path / "cached")
    monkeypatch.setenv("TLSTUDIO_CACHE", str(tmp_path / "other-cache"))
    monkeypatch.setattr(session, "CHECKPOINT_SECONDS", 0.0)

    def leave(event: Event) -> None:
        if isinstance(event, EpochEnded) and event.epoch == 3:
            control.cancel()

    with pytest.raises(Cancelled):
        train(root, tmp_path / "left", emit=leave, control=control, **VARIED)
    train(root, tmp_path / "left", resume=True)
    assert same_weights(tmp_path / "first", tmp_path / "left")


@pytest.mark.usefixtures("tiny")
def test_an_image_that_is_gone_when_its_view_is_due_is_told(
    photos: Photos, tmp_path: Path, fresh_cache: Path, monkeypatch: pytest.MonkeyPatch
):
    def gone(self: FrozenSide, *parts: object, **rest: object) -> None:
        if any(view.seed is not None for _, views in parts for view in views):
            raise UserError("The image bees/photo-001.jpg can no longer be read.", mend="Put it back.")
        return real(self, *parts, **rest)

    real = FrozenSide.collect
    monkeypatch.setattr(FrozenSide, "collect", gone)
    with pytest.raises(UserError, match="photo-001"):
        train(photos(), tmp_path / "run", **VARIED)
