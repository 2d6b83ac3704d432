"""Where a classifier looked: like the grad-cam package, never flat, and at a planted mark."""

from __future__ import annotations

import pytest
import timm
import torch
from torch import Tensor, nn

from tests.inference.grad_cam_values import EFFICIENTNET_LITE0, RESNET18
from tlstudio.core.types import Preprocessing
from tlstudio.inference.relevance import probabilities_when_covered, relevance_map
from tlstudio.models.backbones import load_backbone
from tlstudio.models.classifier import Classifier
from tlstudio.models.cuts import cut_model
from tlstudio.models.heads import build_head
from tlstudio.models.stages import Backbone
from tlstudio.specs.recipe import HeadSettings

SMALL = Preprocessing(input_size=32, resize_size=32, mean=(0.5,) * 3, std=(0.5,) * 3)


def classifier_of(backbone: Backbone, *, classes: int = 2) -> Classifier:
    head = build_head(HeadSettings(dropout=0.0), feature_size=backbone.feature_size, classes_count=classes)
    names = tuple(f"class {number}" for number in range(classes))
    return Classifier(backbone=backbone, head=head, classes=names).eval()


def backbone_of(*stages: tuple[str, nn.Module], pool: nn.Module, size: int) -> Backbone:
    return Backbone("made", stages=stages, pool=pool, feature_size=size, preprocessing=SMALL).eval()


def planted(top: int, left: int) -> Tensor:
    """A grey image with a red mark of 8 × 8 pixels."""
    pixels = torch.full((3, 32, 32), 128, dtype=torch.uint8)
    pixels[:, top : top + 8, left : left + 8] = torch.tensor([255, 0, 0], dtype=torch.uint8)[:, None, None]
    return pixels


def where(found: Tensor) -> tuple[int, int]:
    """Row and column of the highest value."""
    return divmod(int(found.argmax()), found.shape[1])


def red_detector() -> Classifier:
    """A classifier whose second class is red, by a stage that still is a picture."""
    conv = nn.Conv2d(3, 2, 4, stride=4)
    with torch.no_grad():
        conv.weight.zero_()
        conv.weight[1] = torch.tensor([1.0, -1.0, -1.0])[:, None, None] / 16
        conv.bias.fill_(-1.0)
    pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    made = classifier_of(backbone_of(("stem", nn.Sequential(conv, nn.ReLU())), pool=pool, size=2))
    made.head.set_linear(20 * torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([1.0, 0.0]))
    return made


@pytest.mark.parametrize(("top", "left"), [(4, 20), (24, 0), (12, 12)])
def test_a_planted_mark_is_where_a_convolutional_backbone_looks(top: int, left: int):
    found = relevance_map(red_detector(), planted(top, left), class_index=1)
    row, column = where(found)
    assert top <= row < top + 8
    assert left <= column < left + 8
    assert (float(found.min()), float(found.max())) == pytest.approx((0, 1), abs=1e-6)
    assert float(found[(row + 16) % 32, (column + 16) % 32]) < 0.05


def test_where_nothing_speaks_for_a_class_the_map_is_empty():
    assert not relevance_map(red_detector(), torch.zeros(3, 32, 32).byte(), class_index=1).any()


def test_covering_where_it_looked_changes_the_answer_and_covering_elsewhere_does_not():
    made, pixels = red_detector(), planted(4, 20)
    found = relevance_map(made, pixels, class_index=1)
    whole, without, elsewhere = probabilities_when_covered(made, pixels, found, class_index=1)
    assert whole > 0.5 > without
    assert elsewhere == pytest.approx(whole, abs=0.02)


def trained_transformer(*, pool: str) -> Classifier:
    """A small transformer that has learned to tell images with a red mark from those without."""
    torch.manual_seed(0)
    model = timm.models.VisionTransformer(
        img_size=32, patch_size=8, embed_dim=32, depth=3, num_heads=2, num_classes=0, global_pool=pool
    )
    cut = cut_model(model)
    backbone = Backbone("vit", stages=cut.stages, pool=cut.pool, feature_size=32, preprocessing=SMALL)
    made = classifier_of(backbone)
    optimiser = torch.optim.AdamW(made.parameters(), lr=3e-3)
    for _ in range(60):
        places = [8 * torch.randint(4, (2,)) for _ in range(16)]
        images = [planted(int(top), int(left)) for top, left in places]
        batch = torch.stack([*images, *([torch.full((3, 32, 32), 128, dtype=torch.uint8)] * 16)])
        batch = (batch + torch.randint(-20, 20, batch.shape)).clamp(0, 255).byte()
        labels = torch.tensor([1] * 16 + [0] * 16)
        loss = nn.functional.cross_entropy(made(batch), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return made.eval()


@pytest.mark.parametrize("pool", ["token", "avg"])
def test_a_planted_mark_is_where_a_transformer_looks_and_its_map_is_not_flat(pool: str):
    made = trained_transformer(pool=pool)
    assert made.probabilities(planted(8, 16)[None])[0, 1] > 0.9
    for top, left in [(8, 16), (24, 0), (0, 24)]:
        found = relevance_map(made, planted(top, left), class_index=1)
        row, column = where(found)
        assert top <= row < top + 8
        assert left <= column < left + 8
        assert float(found.std()) > 0.05


def test_a_backbone_may_have_its_channels_last():
    class Turned(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.permute(0, 2, 3, 1)

    class Pooled(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.mean(dim=(1, 2))

    made = red_detector()
    stage = made.backbone.stage("stem")
    turned = classifier_of(backbone_of(("stem", stage), ("turn", Turned()), pool=Pooled(), size=2))
    turned.head.load_state_dict(made.head.state_dict())
    pixels = planted(4, 20)
    found = relevance_map(turned, pixels, class_index=1)
    assert found == pytest.approx(relevance_map(made, pixels, class_index=1), abs=1e-5)


def test_a_backbone_of_one_stage_is_explained_by_covering_parts():
    class Redness(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            red = (x[:, 0] - x[:, 1] - x[:, 2]).clamp_min(0).mean(dim=(1, 2))
            return torch.stack([torch.full_like(red, 0.02), red], dim=1)

    made = classifier_of(backbone_of(("stem", Redness()), pool=nn.Identity(), size=2))
    made.head.set_linear(20 * torch.eye(2), torch.zeros(2))
    row, column = where(relevance_map(made, planted(4, 20), class_index=1))
    assert 0 <= row < 14
    assert 17 <= column < 31


def patterned(model: nn.Module) -> None:
    """Fill a model with weights that every version of every library gives alike."""
    for number, parameter in enumerate(model.parameters()):
        wave = torch.sin(torch.arange(parameter.numel(), dtype=torch.float64) * (0.37 + 0.01 * number))
        scale = (2 / max(parameter[0].numel(), 1)) ** 0.5 if parameter.ndim > 1 else 0.1
        offset = 1.0 if parameter.ndim == 1 and number % 2 else 0.0
        parameter.data = (offset + scale * wave).reshape(parameter.shape).float()


def picture() -> Tensor:
    """An image of waves: uint8 [3, 224, 224]."""
    across = torch.arange(224, dtype=torch.float64)
    waves = [
        torch.sin(across[:, None] / 17 + number) * torch.cos(across / (11 + 4 * number))
        for number in range(3)
    ]
    return (127.5 + 127.5 * torch.stack(waves)).round().byte()


def test_it_equals_the_grad_cam_package_on_efficientnet_lite0():
    made = classifier_of(load_backbone("efficientnet_lite0"), classes=3)
    patterned(made.head)
    found = relevance_map(made, picture(), class_index=1)
    assert found[8::32, 8::32] == pytest.approx(torch.tensor(EFFICIENTNET_LITE0), abs=1e-3)


def test_it_equals_the_grad_cam_package_on_resnet18():
    model = timm.create_model("resnet18", num_classes=0)
    patterned(model)
    cut = cut_model(model)
    backbone = Backbone(
        "resnet18", stages=cut.stages, pool=cut.pool, feature_size=512, preprocessing=Preprocessing()
    )
    made = classifier_of(backbone, classes=3)
    patterned(made.head)
    found = relevance_map(made, picture(), class_index=1)
    assert found[8::32, 8::32] == pytest.approx(torch.tensor(RESNET18), abs=1e-3)
