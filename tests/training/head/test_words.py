"""The head made from words."""

from __future__ import annotations

import pytest
import torch

from tlstudio.core.class_words import read_class_words
from tlstudio.training.head import words as module
from tlstudio.training.head.words import head_of_words


@pytest.fixture(autouse=True)
def made_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Three known things that are the first three features, and words whose meaning is their first letter."""
    embedded: list[str] = []

    def embed(texts: list[str]) -> torch.Tensor:
        embedded.extend(texts)
        return torch.stack([torch.eye(3)["abc".index(text.split()[-1][0])] for text in texts])

    monkeypatch.setattr(module, "pretrained_layer", lambda *_, **__: (9 * torch.eye(3), torch.zeros(3)))
    monkeypatch.setattr(module, "closeness", lambda vectors: vectors)
    monkeypatch.setattr(module, "embed_texts", embed)
    return embedded


def made(text: str):
    return head_of_words(
        read_class_words(text), backbone_id="tiny", weights_file=None, feature_size=3, dropout=0.1
    ).eval()


def test_an_image_gets_the_class_whose_words_are_nearest(made_up: list[str]):
    head = made("carp: a boat, avocado")
    assert head(torch.eye(3)).argmax(dim=1).tolist() == [1, 0, 0]
    assert made_up[:4] == ["carp", "a carp", "a photo of a carp", "a boat"]


def test_a_name_counts_as_much_as_a_description():
    head = made("carp: boat\navocado")
    assert head(torch.eye(3)[1:])[:, 0].tolist() == pytest.approx([0.7071, 0.7071], abs=1e-3)
    assert head.settings.activation == "softmax"
