"""Applies the freeze line: stages before it never change, neither weights nor BatchNorm statistics."""

from __future__ import annotations

from collections.abc import Sequence

from torch.nn.modules.batchnorm import _BatchNorm

from tlstudio.core.errors import UserError
from tlstudio.models.classifier import Classifier


def resolve_freeze(freeze: str, stage_names: Sequence[str]) -> str | None:
    """Find the first trainable stage for a `--freeze` value.

    Args:
        freeze: "head" (train the head alone), "none" (train everything) or the name of a stage. "auto" is
            resolved earlier (training/auto/choice.py).
        stage_names: Of the backbone, in order.

    Returns:
        Its name; None when all stages are frozen.

    Raises:
        UserError: There is no such stage; the mend lists all.
    """
    if freeze == "head":
        return None
    if freeze == "none":
        return stage_names[0]
    if freeze in stage_names:
        return freeze
    raise UserError(
        f"This backbone has no stage “{freeze}” to put the freeze line at.",
        mend=f"Use head, none, auto or one of: {', '.join(stage_names)}.",
    )


def apply_freeze(classifier: Classifier, first_trainable: str | None) -> None:
    """Make all heads and the stages from `first_trainable` on trainable, and freeze all others.

    Args:
        classifier: Changed in place.
        first_trainable: From `resolve_freeze`.

    Raises:
        ValueError: There is no such stage.
    """
    trainable = classifier.backbone.stages_from(first_trainable)
    for name in classifier.backbone.stage_names:
        classifier.backbone.stage(name).requires_grad_(name in trainable)
    for head in classifier.heads:
        head.requires_grad_(True)


def train_mode(classifier: Classifier, first_trainable: str | None) -> None:
    """Put the trainable stages and the heads in train mode and everything else in eval mode.

    All BatchNorm layers stay in eval mode, in trainable stages too: batches are small, and activations cached
    at the freeze line are valid only while the statistics do not change. Scale and shift of BatchNorm layers
    in trainable stages are still trained.

    Args:
        classifier: Changed in place; `classifier.eval()` undoes it.
        first_trainable: From `resolve_freeze`.

    Raises:
        ValueError: There is no such stage.
    """
    backbone = classifier.backbone
    classifier.eval()
    for head in classifier.heads:
        head.train()
    for name in backbone.stages_from(first_trainable):
        backbone.stage(name).train()
    for module in backbone.modules():
        if isinstance(module, _BatchNorm):
            module.eval()
