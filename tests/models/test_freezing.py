from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional

from tlstudio.core.errors import UserError
from tlstudio.models.backbones import load_backbone
from tlstudio.models.classifier import Classifier
from tlstudio.models.freezing import apply_freeze, resolve_freeze, train_mode
from tlstudio.models.heads import build_head
from tlstudio.specs.recipe import HeadSettings

NAMES = ("stem", "layer1", "layer2")
MIDDLES = [("efficientnet_lite0", "blocks.4"), ("resnet18", "layer3")]


def classifier(backbone_id: str) -> Classifier:
    torch.manual_seed(0)
    backbone = load_backbone(backbone_id, pretrained=False)
    head = build_head(HeadSettings(), feature_size=backbone.feature_size, classes_count=3)
    return Classifier(backbone=backbone, head=head, classes=("a", "b", "c"))


def snapshot(module: nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}


def step(made: Classifier) -> None:
    trainable = [tensor for tensor in made.parameters() if tensor.requires_grad]
    # Weight decay moves what gradients do not reach, so a frozen tensor handed in by mistake is seen.
    optimiser = torch.optim.AdamW(trainable, lr=1e-3, weight_decay=0.1)
    x = torch.randint(0, 256, (4, 3, 96, 96), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    functional.cross_entropy(made(x), torch.tensor([0, 1, 2, 0])).backward()
    optimiser.step()


def test_freeze_values_resolve_to_the_first_trainable_stage() -> None:
    assert resolve_freeze("head", NAMES) is None
    assert resolve_freeze("none", NAMES) == "stem"
    assert resolve_freeze("layer1", NAMES) == "layer1"
    with pytest.raises(UserError, match=r"“layer9”.*stem, layer1, layer2"):
        resolve_freeze("layer9", NAMES)


@pytest.mark.parametrize(("backbone_id", "line"), MIDDLES)
def test_training_changes_all_trainable_stages_and_no_bit_of_frozen_ones(backbone_id: str, line: str) -> None:
    made = classifier(backbone_id)
    apply_freeze(made, line)
    train_mode(made, line)
    before = snapshot(made)
    step(made)
    step(made)
    after = made.state_dict()
    above = {f"backbone.stages.{name.replace('.', '_')}." for name in made.backbone.stages_from(line)}
    trainable = {name for name, _ in made.named_parameters() if name.startswith((*above, "head."))}
    frozen = set(before) - trainable
    assert [name for name in sorted(frozen) if not torch.equal(before[name], after[name])] == []
    assert [name for name in sorted(trainable) if torch.equal(before[name], after[name])] == []
    assert {name for name in before if "running_" in name} <= frozen
    assert any(name.startswith("backbone.stages.stem") for name in frozen)


@pytest.mark.parametrize("line", [None, "stem"])
def test_the_head_alone_or_everything_is_trainable(line: str | None) -> None:
    made = classifier("resnet18")
    apply_freeze(made, line)
    train_mode(made, line)
    before = snapshot(made)
    step(made)
    step(made)  # in a fresh ResNet a gradient reaches inside the residual branches from the second step on
    moved = {name for name, tensor in made.state_dict().items() if not torch.equal(before[name], tensor)}
    expected = made.head.named_parameters(prefix="head") if line is None else made.named_parameters()
    assert moved == {name for name, _ in expected}


def test_frozen_stages_and_batchnorm_layers_are_in_eval_mode() -> None:
    made = classifier("efficientnet_lite0")
    train_mode(made, "blocks.4")
    assert made.head.dropout.training
    assert made.backbone.stage("blocks.4").training
    assert not made.backbone.stage("blocks.3").training
    assert not any(m.training for m in made.modules() if isinstance(m, nn.BatchNorm2d))
    made.eval()
    assert not any(module.training for module in made.modules())


def test_a_freeze_line_moved_up_freezes_stages_again() -> None:
    made = classifier("resnet18")
    apply_freeze(made, "stem")
    apply_freeze(made, "layer4")
    assert not any(tensor.requires_grad for tensor in made.backbone.stage("layer3").parameters())
    assert all(tensor.requires_grad for tensor in made.backbone.stage("layer4").parameters())
    with pytest.raises(ValueError, match="nowhere"):
        apply_freeze(made, "nowhere")
