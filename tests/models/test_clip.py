"""CLIP models from a file of the person's own."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.models.tiny_clip import NAME, REASON, SETTINGS, forget_tiny_clip, tiny_clip
from tlstudio.core.errors import UserError
from tlstudio.models import clip
from tlstudio.models.backbones import find_backbone, load_backbone, preprocessing_of
from tlstudio.models.backbones.clip import describe
from tlstudio.models.clip import architectures, load_clip, recognise, require_clip, search_clip
from tlstudio.models.onnx.graph import frozen_onnx

ID = f"clip:{NAME}"


@pytest.fixture
def weights(tmp_path: Path) -> Iterator[Path]:
    yield tiny_clip(tmp_path)
    forget_tiny_clip()
    describe.cache_clear()


def test_a_missing_part_is_said_by_name(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clip, "PACKAGE", "no_such_package_of_clip")
    with pytest.raises(UserError, match=r'optional part “clip”.*pip install "tlstudio\[clip\]"'):
        require_clip()
    assert search_clip("vit") == []


def test_a_backbone_without_its_file_says_how_to_give_it():
    with pytest.raises(UserError, match="“Weights from a file…”"):
        find_backbone("clip")


def test_known_architectures_need_no_tokenizer_from_elsewhere():
    pytest.importorskip("open_clip", reason=REASON)
    assert {"ViT-B-32", "ViT-B-32-quickgelu", "RN50", "MobileCLIP-S1"} <= set(architectures())
    assert not [name for name in architectures() if "siglip" in name.lower() or "roberta" in name]
    assert "clip:ViT-B-32-quickgelu" in search_clip("QUICKGELU b-32")
    with pytest.raises(UserError, match="clip:ViT-B-32"):
        find_backbone("clip:ViT-B32")


def test_preprocessing_is_that_of_published_weights():
    pytest.importorskip("open_clip", reason=REASON)
    usual = preprocessing_of("clip:ViT-B-32")
    assert (usual.input_size, usual.resize_size, usual.interpolation) == (224, 224, "bicubic")
    assert usual.mean == pytest.approx((0.4815, 0.4578, 0.4082), abs=1e-3)
    assert preprocessing_of("clip:MobileCLIP-S1").std == (1.0, 1.0, 1.0)
    assert find_backbone("clip:ViT-B-32").feature_size == 512


def test_features_are_the_directions_of_the_image_tower(weights: Path):
    backbone, x = load_backbone(ID, weights_file=weights), torch.randn(3, 3, 32, 32)
    assert backbone.stage_names == ("stem",)
    with torch.inference_mode():
        features = backbone(x)
        wanted = load_clip(ID, weights_file=weights).encode_image(x, normalize=True)
    torch.testing.assert_close(features / 24**0.5, wanted)


def test_the_tower_becomes_an_onnx_graph_by_our_own_rules(weights: Path):
    import onnxruntime

    backbone = load_backbone(ID, weights_file=weights)
    images = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8)
    graph = frozen_onnx(backbone.run_stages, example=images, preprocessing=backbone.preprocessing)
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    (got,) = session.run(None, {"images": images.numpy()})
    from tlstudio.data.preprocessing import normalise

    with torch.inference_mode():
        wanted = backbone(normalise(images, backbone.preprocessing))
    torch.testing.assert_close(torch.from_numpy(got), wanted, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("half", [False, True])
def test_an_architecture_is_recognised_from_safetensors_and_state_dicts(weights: Path, half: bool):
    state = load_file(weights)
    # As in files that were made by training, and with values that are no weights.
    state = {f"module.{name}": tensor.half() if half else tensor for name, tensor in state.items()}
    state["module.context_length"] = torch.tensor(16)
    torch.save({"epoch": 3, "state_dict": state}, weights.with_suffix(".pt"))
    assert recognise(weights) == recognise(weights.with_suffix(".pt")) == ID
    loaded = load_clip(ID, weights_file=weights.with_suffix(".pt")).state_dict()
    assert all(tensor.dtype == torch.float32 for tensor in loaded.values())


def test_architectures_that_weights_do_not_tell_apart_are_listed(tmp_path: Path):
    weights = tiny_clip(tmp_path, twin=True)
    try:
        with pytest.raises(UserError, match=f"{ID}, {ID}-quickgelu.*page of these weights"):
            recognise(weights)
        beside = tmp_path / "open_clip_config.json"
        beside.write_text(json.dumps({"model_cfg": {**SETTINGS, "quick_gelu": True}}))
        assert recognise(weights) == f"{ID}-quickgelu"
        beside.write_text("no JSON")
        with pytest.raises(UserError, match="several architectures"):
            recognise(weights)
    finally:
        forget_tiny_clip()


def test_files_that_do_not_fit_are_refused(weights: Path):
    state = load_file(weights)
    other = weights.with_name("other.safetensors")
    save_file({**state, "visual.conv1.weight": torch.zeros(32, 3, 8, 8)}, other)
    with pytest.raises(UserError, match="fit no architecture"):
        recognise(other)
    with pytest.raises(UserError, match=r"visual\.conv1\.weight is 32 × 3 × 8 × 8"):
        load_backbone(ID, weights_file=other)
    save_file({"visual.conv1.weight": torch.zeros(1)}, other)
    with pytest.raises(UserError, match="image tower and a text tower"):
        load_backbone(ID, weights_file=other)
    with pytest.raises(UserError, match="“Weights from a file…”"):
        load_backbone(ID)
    with pytest.raises(UserError, match="name the backbone “clip”"):
        load_backbone("efficientnet_lite0", weights_file=weights)


class _Attack:
    def __reduce__(self):
        return print, ("code was run",)


def test_code_in_a_file_is_never_run(weights: Path, capsys: pytest.CaptureFixture[str]):
    harmful = weights.with_name("harmful.pt")
    torch.save({"state_dict": load_file(weights), "more": _Attack()}, harmful, pickle_module=pickle)
    with pytest.raises(UserError, match="refused"):
        load_backbone(ID, weights_file=harmful)
    assert "code was run" not in capsys.readouterr().out
