from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from tlstudio.models.backbones import load_backbone
from tlstudio.models.frozen.agreement import FEATURE_BOUNDS, compare, probe_images
from tlstudio.models.frozen.stages import FrozenStages
from tlstudio.models.runtimes import REFERENCE, find_runtime, usable_runtimes
from tlstudio.specs import RUNTIMES

BATCH = 4


@pytest.fixture(scope="module")
def part() -> FrozenStages:
    backbone = load_backbone("efficientnet_lite0")
    return FrozenStages(
        backbone=backbone,
        end="blocks.2",
        preprocessing=backbone.preprocessing,
        batch_size=BATCH,
        device="cpu",
        threads=1,
    )


def usable(runtime_id: str, part: FrozenStages) -> bool:
    # Autocast is for graphics cards, but torch has it for processors too.
    return runtime_id == "torch-autocast" or find_runtime(runtime_id).usable(part.device)


@pytest.mark.parametrize("runtime_id", RUNTIMES.ids())
def test_a_runtime_computes_the_stages_and_each_image_independently(runtime_id: str, part: FrozenStages):
    if not usable(runtime_id, part):
        pytest.skip(f"{runtime_id} is not installed, or this processor has no instructions for it")
    images = probe_images(BATCH, size=224)
    compute = find_runtime(runtime_id).build(part, onnx=part.onnx)
    got = compute(images)
    wanted = find_runtime(REFERENCE).build(part, onnx=part.onnx)(images)
    assert got.dtype == torch.float32
    agreement = compare(got, wanted)
    bounds = FEATURE_BOUNDS if find_runtime(runtime_id).full_precision else None
    assert agreement.within(bounds or replace(FEATURE_BOUNDS, mean_cosine=0.99, worst_cosine=0.98))
    assert torch.equal(compute(images.flip(0)), got.flip(0))
    assert torch.equal(compute(images), got), "an earlier result changed"


def test_the_reference_is_the_backbone_itself(part: FrozenStages):
    images = probe_images(BATCH, size=224)
    got = find_runtime(REFERENCE).build(part, onnx=part.onnx)(images)
    with torch.inference_mode():
        assert torch.equal(got, part.run(part.prepared(images)))


def test_runtimes_depend_on_the_device():
    on_processor = {runtime.id for runtime in usable_runtimes("cpu")}
    on_card = {runtime.id for runtime in usable_runtimes("cuda")}
    assert {REFERENCE, "onnx-runtime"} <= on_processor
    assert on_card == {REFERENCE, "torch-autocast"}
    assert all(find_runtime(runtime_id).version()[0].isdigit() for runtime_id in on_processor)


def test_a_runtime_without_its_optional_part_is_not_usable(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tlstudio.models.frozen.open_vino.find_spec", lambda name: None)
    assert not find_runtime("openvino-f32").usable("cpu")


def test_exactly_one_runtime_is_the_reference():
    assert [spec.id for spec in RUNTIMES if spec.reference] == [REFERENCE]


def test_every_runtime_has_the_id_of_its_spec():
    assert [find_runtime(runtime_id).id for runtime_id in RUNTIMES.ids()] == RUNTIMES.ids()
