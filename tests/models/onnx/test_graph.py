from __future__ import annotations

from dataclasses import replace

import onnx
import onnxruntime
import pytest
import torch

from tlstudio.data.preprocessing import normalise
from tlstudio.models.backbones import SOURCES, load_backbone
from tlstudio.models.catalogue import backbone_info, catalog
from tlstudio.models.frozen.agreement import probe_images
from tlstudio.models.onnx import graph as onnx_graph
from tlstudio.models.onnx.graph import INPUT, frozen_onnx, network_onnx
from tlstudio.models.onnx.recording import UntranslatableError
from tlstudio.models.runtimes import FrozenStages

MOST_PARAMETERS = 100_000_000
"""Larger ones have the same operations, and take a quarter of a minute to write."""

QUICK = ("efficientnet_lite0", "mobilenetv3_large_100", "resnet18", "vit_small_patch16_224")


def check(backbone_id: str, *, end: str | None, pretrained: bool) -> None:
    backbone = load_backbone(backbone_id, pretrained=pretrained)
    part = FrozenStages(
        backbone=backbone,
        end=end,
        preprocessing=backbone.preprocessing,
        batch_size=2,
        device="cpu",
        threads=1,
    )
    images = probe_images(2, size=backbone.preprocessing.input_size)
    with torch.inference_mode():
        wanted = part.run(part.prepared(images))
    assert differs(session_of(part.onnx()), {INPUT: images}, wanted) < 1e-5


@pytest.mark.parametrize("end", [None, "blocks.4", "conv_head"])
def test_the_graph_computes_the_stages(end: str | None):
    check("efficientnet_lite0", end=end, pretrained=True)


@pytest.mark.parametrize(
    "backbone_id",
    [
        pytest.param(info.id, marks=[] if info.id in QUICK else pytest.mark.exhaustive)
        for info in catalog()
        if info.parameters < MOST_PARAMETERS
    ],
)
def test_every_backbone_of_the_catalogue_is_translated(backbone_id: str):
    """As frozen stages for one number of images, and as a network for any number."""
    info = backbone_info(backbone_id)
    # Small is quick. Convolutions take any size, of which Inception needs this much; 56 is 4 patches of 14.
    size = {"vit_small_patch16_224": 64, "vit_small_patch14_dinov2": 56}.get(backbone_id, 107)
    built = replace(info, input_size=size) if "patch" in backbone_id else info
    backbone = SOURCES.get(info.source).build(built, weights_file=None).eval()
    images = probe_images(3, size=size)
    prepared = normalise(images, backbone.preprocessing)
    with torch.inference_mode():
        wanted = backbone(prepared)
    frozen = frozen_onnx(backbone, example=images[:2], preprocessing=backbone.preprocessing)
    assert differs(session_of(frozen), {INPUT: images[:2]}, wanted[:2]) < 1e-5
    network = network_onnx(backbone, example=prepared[:2], entering="x", leaving="y", opset=18)
    session = session_of(network.SerializeToString())
    for number in (1, 3):
        assert differs(session, {"x": prepared[:number]}, wanted[:number]) < 1e-5


def session_of(graph: bytes) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])


def differs(
    session: onnxruntime.InferenceSession, images: dict[str, torch.Tensor], wanted: torch.Tensor
) -> float:
    """Distance between the answer of a graph and the wanted one, relative to its length."""
    answer = session.run(None, {name: values.contiguous().numpy() for name, values in images.items()})[0]
    got = torch.from_numpy(answer)
    assert got.shape == wanted.shape
    return float((got - wanted).norm() / wanted.norm())


def test_the_graph_takes_uint8_images_in_one_batch_size():
    backbone = load_backbone("efficientnet_lite0", pretrained=False)
    example = torch.zeros(4, 3, 224, 224, dtype=torch.uint8)
    graph = frozen_onnx(backbone.stage("stem"), example=example, preprocessing=backbone.preprocessing)
    model = onnx.load_from_string(graph)
    onnx.checker.check_model(model, full_check=True)
    (taken,) = model.graph.input
    assert taken.type.tensor_type.elem_type == onnx.TensorProto.UINT8
    assert [side.dim_value for side in taken.type.tensor_type.shape.dim] == [4, 3, 224, 224]


def test_stages_too_large_for_a_graph_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(onnx_graph, "LARGEST_WEIGHTS_BYTES", 1000)
    backbone = load_backbone("efficientnet_lite0", pretrained=False)
    with pytest.raises(UntranslatableError, match="larger"):
        frozen_onnx(
            backbone.stage("stem"),
            example=torch.zeros(1, 3, 224, 224, dtype=torch.uint8),
            preprocessing=backbone.preprocessing,
        )
