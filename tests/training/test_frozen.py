from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.training.tiny import PREPROCESSING, Photos, source_of, tiny_backbone
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import Event, StageProgress, StageStarted, ignore
from tlstudio.data.preprocessing import normalise
from tlstudio.models.backbones import load_backbone
from tlstudio.models.frozen_graph import RuntimeChoice
from tlstudio.models.stages import Backbone
from tlstudio.training import frozen, progress
from tlstudio.training.frozen import Activations, FrozenSide
from tlstudio.training.images import RunImage, read_input
from tlstudio.training.views import PLAIN, View

FLIPPED = View(flip_horizontal=True)


def images_of(root: Path) -> list[RunImage]:
    source = source_of(root)
    return [
        RunImage(path=r.path, file=root / r.path, sha256=r.sha256, label=source.classes.index(r.class_name))
        for r in source.records
    ]


def side_of(backbone: Backbone, *, end: str | None) -> FrozenSide:
    return FrozenSide(backbone, end=end, preprocessing=backbone.preprocessing, device="cpu", threads=2)


def collect(side: FrozenSide, images: list[RunImage], *views: View, emit=ignore, control=None) -> Activations:
    part = (images, views or (PLAIN,))
    (activations,) = side.collect(part, run_id="r", emit=emit, control=control or Control())
    return activations


def all_of(activations: Activations, view: int = 0) -> torch.Tensor:
    count = len(activations.images)
    return activations.read(range(count), [view] * count)


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
    side = FrozenSide(
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


def test_without_frozen_stages_the_inputs_themselves_are_kept(photos: Photos, fresh_cache: Path):
    images = images_of(photos())
    got = collect(side_of(tiny_backbone(), end="stem"), images)
    assert all_of(got).dtype == torch.uint8
    assert torch.equal(all_of(got)[3], read_input(images[3].file, preprocessing=PREPROCESSING))


@pytest.mark.parametrize(
    ("backbone_id", "end"), [("efficientnet_lite0", None), ("efficientnet_lite0", "blocks.4")]
)
def test_an_activation_does_not_depend_on_its_companions(
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
def test_what_would_change_the_activations_computes_anew(photos: Photos, fresh_cache: Path, change: str):
    images, events = images_of(photos()), list[Event]()
    collect(side_of(tiny_backbone(), end=None), images)
    backbone = tiny_backbone(seed=1 if change == "weights" else 0)
    if change == "preprocessing":
        backbone.preprocessing = frozen.Preprocessing(input_size=32, resize_size=40)
    collect(side_of(backbone, end="top" if change == "stage" else None), images, emit=events.append)
    assert isinstance(events[0], StageStarted)
    assert events[0].total == len(images)


def test_a_cancelled_pass_goes_on_where_it_was(
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


def test_images_that_went_or_changed_are_named(photos: Photos, fresh_cache: Path):
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


# ---- moving the freeze line up ----------------------------------------------------------------------------


@pytest.fixture
def reuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """The person allows it."""
    monkeypatch.setenv(frozen.REUSE_SETTING, "1")


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
        side = FrozenSide(
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
        side = FrozenSide(
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
    side = FrozenSide(backbone, end=None, preprocessing=PREPROCESSING, device="cpu", threads=2, runtime=onnx)
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
