"""The classes that a backbone was pretrained on."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tlstudio.core.errors import UserError
from tlstudio.models.catalogue import catalog
from tlstudio.models.words import pretrained_classes as module
from tlstudio.models.words.pretrained_classes import (
    class_meanings,
    closeness,
    mean_vector,
    pretrained_layer,
)

ANT, BEE, DIAL_PHONE = 310, 309, 528
BACKBONE = "efficientnet_lite0"


@pytest.fixture
def known_network(monkeypatch: pytest.MonkeyPatch):
    """The network that the meanings were made by counts as installed."""
    metadata, _ = module.read_tensors(module.resource(module.MEANINGS))
    monkeypatch.setattr(module, "network_sha256", lambda: metadata["network_sha256"])
    class_meanings.cache_clear()
    yield
    class_meanings.cache_clear()


def test_the_meanings_of_similar_classes_are_close(known_network: None):
    meanings = class_meanings()
    assert meanings.shape == (1000, 384)
    assert meanings[ANT] @ meanings[BEE] > meanings[ANT] @ meanings[DIAL_PHONE] + 0.1
    close = closeness(meanings[[ANT, DIAL_PHONE]])
    assert close.argmax(dim=1).tolist() == [ANT, DIAL_PHONE]
    assert torch.allclose(close.mean(dim=1), torch.zeros(2), atol=1e-5)
    assert torch.allclose(close.std(dim=1, correction=0), torch.ones(2), atol=1e-5)


def test_another_network_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "network_sha256", lambda: "0" * 64)
    class_meanings.cache_clear()
    with pytest.raises(UserError, match="another version"):
        class_meanings()


def test_the_mean_of_several_texts_has_length_one():
    assert mean_vector(torch.tensor([[1.0, 0.0], [0.0, 1.0]])).norm() == pytest.approx(1)


def test_the_last_layer_is_found_in_the_weights():
    info = next(info for info in catalog() if info.id == BACKBONE)
    weight, bias = pretrained_layer(BACKBONE, weights_file=None, feature_size=info.feature_size)
    assert (weight.shape, bias.shape) == ((1000, info.feature_size), (1000,))


def test_a_convolution_counts_and_weights_without_the_layer_are_refused(tmp_path: Path):
    file = tmp_path / "own.safetensors"
    layer = {"classifier.weight": torch.ones(1000, 5, 1, 1), "classifier.bias": torch.zeros(1000)}
    save_file({"blocks.weight": torch.zeros(1000, 5), "blocks.bias": torch.zeros(1000), **layer}, file)
    weight, _ = pretrained_layer(BACKBONE, weights_file=file, feature_size=5)
    assert torch.equal(weight, torch.ones(1000, 5))
    with pytest.raises(UserError, match="1000 everyday things"):
        pretrained_layer(BACKBONE, weights_file=file, feature_size=6)
