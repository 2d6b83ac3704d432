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

from scipy.special import stdtrit
from torch import Tensor, nn

from tlstudio.core.control import Control
from tlstudio.features.images import label_tensor
from tlstudio.training.head.fitting import pooled_features
from tlstudio.training.head.refitting import image_losses, refit_head
from tlstudio.training.loop.blending import blend_parameters
from tlstudio.training.loop.checkpoint import copy_of, restore_parameters
from tlstudio.training.state import TrainingState

SHARES = (0.0, 0.5, 1.0)
"""Shares that are compared; a couple of dozen images could not tell more of them apart."""
USUAL = 0.5
CLEARLY = 0.84
"""Confidence that another share does better on images like the validation images than the usual one."""


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
            losses[share] = (
                refit_head(state, control=control).losses if share < 1 else _start_losses(state, control)
            )
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
    """Return whether the losses of N images are lower by a one-sided paired t-test at `CLEARLY`.

    For many images that is one standard error of the mean difference, for two of them 1.8.
    """
    difference, n = usual - losses, len(losses)
    if n < 2:
        return False
    error = float(difference.std()) / math.sqrt(n)
    return float(difference.mean()) > float(stdtrit(n - 1, CLEARLY)) * error


def _start_losses(state: TrainingState, control: Control) -> Tensor:
    """The log loss of each validation image with the present weights: float64 [N]."""
    extracted = state.extracted
    features = pooled_features(extracted.model, extracted.validation, device=state.device, control=control)
    labels = label_tensor(state.validation)
    return image_losses(state.classifier.head.eval(), features, labels, device=state.device)
