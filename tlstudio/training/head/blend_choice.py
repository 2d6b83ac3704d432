"""Chooses how much of its start a fine-tuned classifier keeps, by its log loss on the validation images.

On few images fine-tuning may lose more of what the backbone knew than it gains. Which of both it was cannot
be told from the training images; a few validation images tell it by how sure they are of the right classes,
well before it shows in how many of them are right. Half of each is a good choice nearly always (Wortsman et
al., Robust fine-tuning of zero-shot models, CVPR 2022); so few images must clearly speak for another share.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tlstudio.core.control import Control
from tlstudio.evaluation.objective import ONE_CLASS_EACH
from tlstudio.features.images import label_tensor
from tlstudio.training.head.fitting import pooled_features
from tlstudio.training.head.refitting import refit_head
from tlstudio.training.loop.blending import blend_parameters
from tlstudio.training.loop.checkpoint import copy_of, restore_parameters
from tlstudio.training.state import TrainingState

SHARES = (0.0, 0.5, 1.0)
"""Shares that are compared; a couple of dozen images could not tell more of them apart."""
USUAL = 0.5
CLEARLY = 1.0
"""Standard errors by which another share must do better on the validation images than the usual one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlendChoice:
    """A share of the weights before, with what it was chosen by.

    Attributes:
        share: Of the weights before.
        losses: Share to the log loss on the validation images.
        n: Number of the validation images.
    """

    share: float
    losses: Mapping[float, float]
    n: int


def choose_share(
    state: TrainingState,
    parameters: Mapping[str, nn.Parameter],
    start: Mapping[str, Tensor],
    *,
    control: Control,
) -> BlendChoice:
    """Choose half of each, or the end that does clearly better on the validation images.

    A blend is judged with the better of its own head and one fitted anew to its features, the start with the
    head that it had.

    Args:
        state: After the last epoch, with validation images and a linear head. As before when this returns.
        parameters: Of the trainable stages and the head, by name.
        start: Their values before the first epoch.
        control: Checked once per batch.

    Raises:
        Cancelled: The person cancelled; the parameters are as trained then, too.
    """
    trained = copy_of(parameters)
    losses = {}
    try:
        for share in SHARES:
            restore_parameters(parameters, trained)
            blend_parameters(parameters, start, share=share)
            if share < 1:
                refit_head(state, control=control)
            losses[share] = _validation_losses(state, control)
    finally:
        restore_parameters(parameters, trained)
    means = {share: float(loss.mean()) for share, loss in losses.items()}
    better = [share for share in SHARES if _is_clearly_lower(losses[share], losses[USUAL])]
    return BlendChoice(
        share=min(better, key=lambda share: means[share], default=USUAL),
        losses=means,
        n=len(state.validation),
    )


def _is_clearly_lower(losses: Tensor, usual: Tensor) -> bool:
    """Return whether the losses of N images are lower by more than their difference is uncertain."""
    difference = usual - losses
    if len(difference) < 2:
        return False
    error = float(difference.std()) / math.sqrt(len(difference))
    return float(difference.mean()) > CLEARLY * error


@torch.inference_mode()
def _validation_losses(state: TrainingState, control: Control) -> Tensor:
    """The log loss of each validation image with the present weights: float64 [N]."""
    extracted, head = state.extracted, state.classifier.head.eval()
    features = pooled_features(extracted.model, extracted.validation, device=state.device, control=control)
    logits = torch.cat([head(block.to(state.device)).cpu() for block in features.blocks()])
    return ONE_CLASS_EACH.loss(logits.double(), label_tensor(state.validation), reduction="none")
