from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torchvision.models import Inception_V3_Weights, inception_v3

from tlstudio.models.backbones import load_backbone
from tlstudio.models.backbones.torchvision_hub import PREPROCESSING


def test_preprocessing_is_that_of_torchvision() -> None:
    record = Inception_V3_Weights.DEFAULT.transforms()
    assert [PREPROCESSING.input_size] == record.crop_size
    assert [PREPROCESSING.resize_size] == record.resize_size
    assert PREPROCESSING.interpolation == record.interpolation.value


@pytest.mark.slow
def test_a_torchvision_file_gives_torchvisions_features(tmp_path: Path) -> None:
    """Their model normalises in two steps and ours in one; its second classifier is left aside."""
    torch.manual_seed(0)
    theirs = inception_v3(weights=None, aux_logits=True, transform_input=True, init_weights=False).eval()
    torch.save(theirs.state_dict(), tmp_path / "inception.pth")
    theirs.fc = torch.nn.Identity()
    pixels = torch.rand(1, 3, 107, 107)
    mean, std = (torch.tensor(v).view(3, 1, 1) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    ours = load_backbone("inception_v3", weights_file=tmp_path / "inception.pth")
    with torch.inference_mode():
        expected = theirs((pixels - mean) / std)
        torch.testing.assert_close(ours((pixels - 0.5) / 0.5), expected, rtol=1e-4, atol=1e-5)
