"""The text tower of a CLIP model."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.models.tiny_clip import NAME, forget_tiny_clip, tiny_clip
from tlstudio.models.words.text_tower import load_text_tower


@pytest.mark.usefixtures("no_network")
def test_words_become_the_directions_that_the_model_gives_them(tmp_path: Path):
    file = tiny_clip(tmp_path)
    try:
        tower = load_text_tower(f"clip:{NAME}", weights_file=file)
    finally:
        forget_tiny_clip()
    vectors = tower.embed(["a photo of an ant", "a bee"])
    assert vectors.shape == (2, 24)
    assert torch.allclose(vectors.norm(dim=1), torch.ones(2), atol=1e-5)
    assert torch.equal(tower.embed(["a bee"])[0], vectors[1])
    # "<start> a bee <end>" by the vocabulary that comes with open_clip.
    tokens = torch.tensor([[49406, 320, 5028, 49407, *[0] * 12]])
    with torch.inference_mode():
        torch.testing.assert_close(tower.model.encode_text(tokens, normalize=True)[0], vectors[1])
    assert tower.scale == pytest.approx(1 / 0.07, rel=1e-4)
