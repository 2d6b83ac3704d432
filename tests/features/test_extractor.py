from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.training.collecting import FLIPPED, all_of, collect, images_of, side_of
from tests.training.tiny import PREPROCESSING, Photos, tiny_backbone
from tlstudio.core import progress
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import Event, StageProgress, StageStarted
from tlstudio.data.preprocessing import normalise
from tlstudio.features import extractor as frozen
from tlstudio.features.extractor import FeatureExtractor
from tlstudio.features.images import read_input
from tlstudio.features.views import PLAIN
from tlstudio.models.backbones import load_backbone
from tlstudio.models.frozen.inference_graph import RuntimeChoice


@pytest.mark.parametrize("end", [None, "top", "middle"])
def test_activations_are_those_of_the_backbone(photos: Photos, fresh_cache: Path, end: str | None):
    images, backbone = images_of(photos()), tiny_backbone()
    got = collect(side_of(backbone, end=end), images, PLAIN, FLIPPED)
    for view, variant in enumerate((PLAIN, FLIPPED)):
        inputs = torch.stack(
            [variant.apply(read_input(i.file, preprocessing=PREPROCESSING), sha256=i.sha256) for i in images]
        )
        with torch.inference_mode():
            wanted = backbone.run_stages(normalise(inputs, PREPROCESSING), end=end)
        torch.testing.assert_close(all_of(got, view).float(), wanted, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("end", [None, "blocks.5"])
def test_features_by_cache_and_runtime_are_those_of_plain_float32(
    photos: Photos, fresh_cache: Path, end: str | None
):
    images, backbone = images_of(photos(per_class=4)), load_backbone("efficientnet_lite0")
    side = FeatureExtractor(
        backbone,
        end=end,
        preprocessing=backbone.preprocessing,
        device="cpu",
        threads=2,
        runtime=RuntimeChoice(runtime="onnx-runtime", batch_size=4),
    )
    assert "onnx-runtime" in (side.store.folder / "about.json").read_text(encoding="utf-8")
    got = all_of(collect(side, images)).double().flatten(1)
    inputs = torch.stack([read_input(i.file, preprocessing=backbone.preprocessing) for i in images])
    with torch.inference_mode():
        wanted = backbone.run_stages(normalise(inputs, backbone.preprocessing), end=end).double().flatten(1)
    cosine = torch.nn.functional.cosine_similarity(got, wanted)
    assert cosine.mean() >= 0.9999
    assert cosine.min() >= 0.999


def test_without_frozen_stages_the_inputs_are_cached(photos: Photos, fresh_cache: Path):
    images = images_of(photos())
    got = collect(side_of(tiny_backbone(), end="stem"), images)
    assert all_of(got).dtype == torch.uint8
    assert torch.equal(all_of(got)[3], read_input(images[3].file, preprocessing=PREPROCESSING))


@pytest.mark.parametrize(
    ("backbone_id", "end"), [("efficientnet_lite0", None), ("efficientnet_lite0", "blocks.4")]
)
def test_an_activation_does_not_depend_on_the_rest_of_its_batch(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backbone_id: str, end: str | None
):
    images = images_of(photos(per_class=7))
    backbone = load_backbone(backbone_id)
    backbone.preprocessing = replace(backbone.preprocessing, input_size=96, resize_size=110)  # to be quick
    results = []
    for number, order in enumerate([images, images[::-1], [images[4]]]):
        monkeypatch.setenv("TLSTUDIO_CACHE", str(tmp_path / f"cache-{number}"))
        got = collect(side_of(backbone, end=end), order)
        results.append(got.read([order.index(images[4])]))
    assert torch.equal(results[0], results[1])
    assert torch.equal(results[0], results[2])


def test_nothing_is_computed_twice(photos: Photos, fresh_cache: Path, monkeypatch: pytest.MonkeyPatch):
    images, events = images_of(photos()), list[Event]()
    collect(side_of(tiny_backbone(), end=None), images[:10], emit=events.append)
    assert isinstance(events[0], StageStarted)
    assert events[0].total == 10
    events.clear()
    collect(side_of(tiny_backbone(), end=None), images, emit=events.append)
    assert isinstance(events[0], StageStarted)
    assert events[0].total == len(images) - 10
    events.clear()
    collect(side_of(tiny_backbone(), end=None), images[::-1], emit=events.append)
    assert events == []


@pytest.mark.parametrize("change", ["weights", "preprocessing", "stage"])
def test_settings_that_change_activations_are_computed_anew(photos: Photos, fresh_cache: Path, change: str):
    images, events = images_of(photos()), list[Event]()
    collect(side_of(tiny_backbone(), end=None), images)
    backbone = tiny_backbone(seed=1 if change == "weights" else 0)
    if change == "preprocessing":
        backbone.preprocessing = frozen.Preprocessing(input_size=32, resize_size=40)
    collect(side_of(backbone, end="top" if change == "stage" else None), images, emit=events.append)
    assert isinstance(events[0], StageStarted)
    assert events[0].total == len(images)


def test_a_cancelled_pass_continues_where_it_ended(
    photos: Photos, fresh_cache: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(progress, "SECONDS_BETWEEN", 0.0)
    images, events = images_of(photos(per_class=14)), list[Event]()
    control = Control()

    def cancel_late(event: Event) -> None:
        if isinstance(event, StageProgress) and event.done == 35:
            control.cancel()

    with pytest.raises(Cancelled):
        collect(side_of(tiny_backbone(), end=None), images, emit=cancel_late, control=control)
    collect(side_of(tiny_backbone(), end=None), images, emit=events.append)
    assert isinstance(events[0], StageStarted)
    assert events[0].total == len(images) - 32


def test_parts_with_other_views_are_one_pass(photos: Photos, fresh_cache: Path):
    images, events = images_of(photos()), list[Event]()
    side = side_of(tiny_backbone(), end="top")
    parts = (images[:20], (PLAIN, FLIPPED)), (images[20:], (PLAIN,))
    train, validation = side.collect(*parts, run_id="r", emit=events.append, control=Control())
    assert [event.total for event in events if isinstance(event, StageStarted)] == [len(images)]
    assert len(list(side.store.missing(f"{i.sha256}/{FLIPPED.id}" for i in images))) == len(images) - 20
    alone = collect(side_of(tiny_backbone(), end="top"), images, PLAIN, FLIPPED)
    assert torch.equal(train.read([3], [1]), alone.read([3], [1]))
    assert torch.equal(validation.read([0]), alone.read([20]))


def test_deleted_and_changed_images_are_named_in_the_error(photos: Photos, fresh_cache: Path):
    images = images_of(photos())
    images[3].file.unlink()
    with pytest.raises(UserError, match=r"photo-003\.jpg can no longer be read"):
        collect(side_of(tiny_backbone(), end=None), images)
    shutil.copy(images[5].file, images[3].file)
    with pytest.raises(UserError, match=r"photo-003\.jpg was changed"):
        collect(side_of(tiny_backbone(), end=None), images)


def test_huge_activations_stay_finite(photos: Photos, fresh_cache: Path):
    backbone = tiny_backbone()
    with torch.no_grad():
        backbone.stage("top")[0].weight.mul_(1e8)
    values = all_of(collect(side_of(backbone, end=None), images_of(photos())))
    assert torch.isfinite(values).all()
    assert values.max() == frozen.LARGEST_FLOAT16


def test_the_speed_is_measured_on_images_that_can_be_read_and_nothing_is_cached(
    photos: Photos, fresh_cache: Path
):
    images, side = images_of(photos(per_class=1)), side_of(tiny_backbone(), end=None)
    images[-1].file.unlink()
    assert side.seconds_per_1000(images) > 0
    keys = [f"{image.sha256}/{PLAIN.id}" for image in images]
    assert list(side.store.missing(keys)) == keys
    assert side.seconds_per_1000(images[-1:]) == 0
