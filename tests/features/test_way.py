"""Which way activations come about: from the images, or on from a lower freeze line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from tests.training.collecting import FLIPPED, all_of, collect, images_of, side_of
from tests.training.tiny import PREPROCESSING, Photos, tiny_backbone
from tlstudio.core.control import Control
from tlstudio.core.events import Event, StageStarted, ignore
from tlstudio.data.preprocessing import normalise
from tlstudio.features import extractor as frozen
from tlstudio.features.extractor import FeatureExtractor
from tlstudio.features.images import read_input
from tlstudio.features.views import PLAIN, View
from tlstudio.features.way import REUSE_SETTING
from tlstudio.models.backbones import load_backbone
from tlstudio.models.inference_graph import RuntimeChoice
from tlstudio.models.stages import Backbone


@pytest.fixture
def reuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """The person allows it."""
    monkeypatch.setenv(REUSE_SETTING, "1")


def test_unless_the_person_allows_it_numbers_do_not_depend_on_the_cache(photos: Photos, fresh_cache: Path):
    images, backbone = images_of(photos()), tiny_backbone()
    collect(side_of(backbone, end="middle"), images)
    side = side_of(backbone, end=None)
    collect(side, images)
    assert not side.from_below


@pytest.mark.usefixtures("reuse")
@pytest.mark.parametrize(("below", "end"), [("middle", "top"), ("middle", None), ("top", None)])
def test_moving_the_line_up_goes_on_from_what_lies_below(
    photos: Photos, fresh_cache: Path, monkeypatch: pytest.MonkeyPatch, below: str, end: str | None
):
    images, backbone = images_of(photos()), tiny_backbone()
    views = (PLAIN, FLIPPED) if end else (PLAIN,)
    collect(side_of(backbone, end=below), images, PLAIN, FLIPPED)
    monkeypatch.setattr(frozen, "read_ahead", None)  # no image is decoded
    events = list[Event]()
    got = collect(side_of(backbone, end=end), images, *views, emit=events.append)
    assert isinstance(events[0], StageStarted)
    assert (events[0].title, events[0].total) == ("Going on from an earlier freeze line", len(images))
    for view in range(len(views)):
        inputs = torch.stack(
            [
                views[view].apply(read_input(i.file, preprocessing=PREPROCESSING), sha256=i.sha256)
                for i in images
            ]
        )
        with torch.inference_mode():
            wanted = backbone.run_stages(normalise(inputs, PREPROCESSING), end=end)
        torch.testing.assert_close(all_of(got, view).float(), wanted, rtol=4e-3, atol=4e-3)
    events.clear()
    collect(side_of(backbone, end=end), images, *views, emit=events.append)
    assert events == [], "what was computed so is kept as well"


@pytest.mark.usefixtures("reuse")
def test_what_was_computed_from_rounded_activations_is_kept_apart(photos: Photos, fresh_cache: Path):
    images, backbone = images_of(photos()), tiny_backbone()
    collect(side_of(backbone, end="top"), images)
    derived = collect(side_of(backbone, end=None), images)
    assert side_of(backbone, end=None).store.keys() == frozenset()
    assert derived.store.about["from"] == "top"


@pytest.mark.usefixtures("reuse")
@pytest.mark.parametrize("lacking", ["an image", "a view", "an entry"])
def test_unless_all_of_it_lies_below_the_images_are_looked_at(
    photos: Photos, fresh_cache: Path, lacking: str
):
    images, backbone = images_of(photos()), tiny_backbone()
    views = (PLAIN,) if lacking == "a view" else (PLAIN, FLIPPED)
    kept = collect(side_of(backbone, end="middle"), images[1:] if lacking == "an image" else images, *views)
    if lacking == "an entry":
        content = bytearray(kept.store.data.read_bytes())
        content[7] ^= 0xFF
        kept.store.data.write_bytes(content)
    events = list[Event]()
    got = collect(side_of(backbone, end="top"), images, PLAIN, FLIPPED, emit=events.append)
    assert isinstance(events[0], StageStarted)
    assert events[0].title == "Looking at the images"
    assert "from" not in got.store.about


@pytest.mark.usefixtures("reuse")
@pytest.mark.parametrize("runtime", ["torch-fp32", "onnx-runtime"])
def test_features_by_way_of_a_lower_line_equal_plain_float32(photos: Photos, fresh_cache: Path, runtime: str):
    images, backbone = images_of(photos(per_class=8)), load_backbone("efficientnet_lite0")
    preprocessing = backbone.preprocessing
    for end in ("blocks.4", None):
        side = FeatureExtractor(
            backbone,
            end=end,
            preprocessing=preprocessing,
            device="cpu",
            threads=2,
            runtime=RuntimeChoice(runtime=runtime, batch_size=4),
        )
        got = collect(side, images)
    assert got.store.about["from"] == "blocks.4"
    inputs = torch.stack([read_input(image.file, preprocessing=preprocessing) for image in images])
    with torch.inference_mode():
        wanted = backbone(normalise(inputs, preprocessing)).double()
    cosine = torch.nn.functional.cosine_similarity(all_of(got).double(), wanted)
    assert float(cosine.mean()) >= 0.9999
    assert float(cosine.min()) >= 0.999


@pytest.mark.usefixtures("reuse")
def test_tokens_of_a_transformer_go_on_from_below_too(photos: Photos, fresh_cache: Path):
    """Activations there are [N, T, C]; seven images leave a batch that must be filled up."""

    class Tokens(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.avg_pool2d(x, 8).flatten(2).transpose(1, 2)

    torch.manual_seed(0)
    stages = [
        ("patch_embed", Tokens()),
        ("blocks.0", torch.nn.Linear(3, 5)),
        ("blocks.1", torch.nn.Linear(5, 4)),
    ]

    class Mean(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.mean(dim=1)

    backbone = Backbone("t", stages=stages, pool=Mean(), feature_size=4, preprocessing=PREPROCESSING).eval()
    images = images_of(photos(per_class=3))[:7]
    runtime = RuntimeChoice(runtime="onnx-runtime", batch_size=4)
    for end in ("blocks.1", None):
        side = FeatureExtractor(
            backbone, end=end, preprocessing=PREPROCESSING, device="cpu", threads=2, runtime=runtime
        )
        got = collect(side, images)
    assert side.from_below
    inputs = torch.stack([read_input(image.file, preprocessing=PREPROCESSING) for image in images])
    with torch.inference_mode():
        wanted = backbone(normalise(inputs, PREPROCESSING))
    torch.testing.assert_close(all_of(got).float(), wanted, rtol=4e-3, atol=4e-3)


@pytest.mark.usefixtures("reuse")
def test_what_was_computed_by_way_of_below_stays_when_below_is_gone(photos: Photos, fresh_cache: Path):
    images, backbone = images_of(photos()), tiny_backbone()
    below = collect(side_of(backbone, end="middle"), images)
    first = all_of(collect(side_of(backbone, end=None), images))
    shutil.rmtree(below.store.folder)
    events = list[Event]()
    again = collect(side_of(backbone, end=None), images, emit=events.append)
    assert events == []
    assert torch.equal(all_of(again), first)


@pytest.mark.usefixtures("reuse")
def test_one_run_goes_one_way(photos: Photos, fresh_cache: Path):
    """Views that come later count as well: below lacks one of them, so all come from the images."""
    images, backbone = images_of(photos()), tiny_backbone()
    r0, r1 = (View(seed=number, crop=0.2) for number in (1, 2))
    collect(side_of(backbone, end="middle"), images, PLAIN, r0)
    side = side_of(backbone, end="top")
    for views, later in (((PLAIN,), (r0, r1)), ((r0,), ()), ((r1,), ())):
        side.collect((images, views), later=later, run_id="r", emit=ignore, control=Control())
        assert not side.from_below
    other = side_of(backbone, end=None)
    other.collect((images, (PLAIN,)), later=(r0,), run_id="r", emit=ignore, control=Control())
    assert other.from_below
    assert other.store.about["from"] == "top", "the nearest that has all of it"


@pytest.mark.usefixtures("reuse")
def test_only_what_the_same_runtime_computed_is_gone_on_from(photos: Photos, fresh_cache: Path):
    images, backbone = images_of(photos()), tiny_backbone()
    collect(side_of(backbone, end="middle"), images)
    onnx = RuntimeChoice(runtime="onnx-runtime", batch_size=4)
    side = FeatureExtractor(
        backbone, end=None, preprocessing=PREPROCESSING, device="cpu", threads=2, runtime=onnx
    )
    collect(side, images)
    assert not side.from_below


@pytest.mark.usefixtures("reuse")
def test_a_store_that_cannot_be_opened_is_no_hindrance(
    photos: Photos, fresh_cache: Path, monkeypatch: pytest.MonkeyPatch
):
    images, backbone = images_of(photos()), tiny_backbone()
    below = collect(side_of(backbone, end="middle"), images).store.folder
    (below / "about.json").write_text(
        (below / "about.json").read_text().replace('"float16"', '"no type at all"')
    )
    side = side_of(backbone, end=None)
    collect(side, images)
    assert not side.from_below
