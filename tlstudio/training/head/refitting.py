"""Fits a linear head anew to the features of stages that have been fine-tuned.

The stages have learned the training images by their labels, so their features of these separate the classes
better than those of any other image, and a cross-validation among the training images would choose too weak a
regularisation: a head that is too sure. The strength is therefore chosen by the log loss on the validation
images alone, and never below what cross-validation chose before the stages learned. The head as it was
trained is one candidate more, so nothing is lost by trying.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tlstudio.core.control import Control
from tlstudio.evaluation.metrics import Score
from tlstudio.evaluation.objective import ONE_CLASS_EACH
from tlstudio.features.images import label_tensor
from tlstudio.features.table import Features
from tlstudio.models.heads import Head
from tlstudio.training.head.fitting import pooled_features
from tlstudio.training.head.probe import L2_GRID, fit_probe
from tlstudio.training.state import TrainingState

STRONGER = (1.0, 10**-0.5, 0.1)
"""Values of `l2` above those of the linear probe, for stages that have learned the images by heart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refit:
    """A trained head beside one that was fitted anew, and which of them is kept.

    Attributes:
        trained: Score of the trained head on the validation images.
        anew: Score of the other.
        is_kept: Whether the new head is kept.
        train_accuracy: Accuracy of the kept head on the training images, a fraction.
        losses: Log loss of the kept head on each validation image: float64 [N].
    """

    trained: Score
    anew: Score
    is_kept: bool
    train_accuracy: float | None
    losses: Tensor


def refit_head(state: TrainingState, *, control: Control) -> Refit:
    """Set the linear head to the solution on the present features, unless that does worse on validation.

    Without validation images nothing can be compared, and the new head is kept, with the regularisation that
    was chosen before the stages learned.

    Args:
        state: Its classifier's head is set.
        control: Checked once per batch and `l2`.

    Raises:
        RuntimeError: No phase has fitted a linear head before; the strategy's plan is wrong.
    """
    if state.head_l2 is None:
        raise RuntimeError("a head is fitted anew, but no phase has fitted it before")
    weakest, extracted, head = state.head_l2, state.extracted, state.classifier.head.eval()
    train, validation = (
        pooled_features(extracted.model, activations, device=state.device, control=control)
        for activations in (extracted.train, extracted.validation)
    )
    of_train, of_validation = label_tensor(state.train), label_tensor(state.validation)
    trained = _score(head, validation, of_validation, device=state.device)
    solution = fit_probe(
        train,
        of_train,
        validation_features=validation,
        validation_labels=of_validation,
        classes_count=len(state.recipe.classes),
        class_weighting=state.recipe.optimiser.class_weighting,
        folds=None,
        grid=[l2 for l2 in (*STRONGER, *L2_GRID) if l2 >= weakest] if len(of_validation) else [weakest],
        on_trial=lambda index, trial: control.check(),
    )
    best = solution.trials[solution.best]
    anew = best.validation
    is_kept = trained.log_loss is None or anew.log_loss is None or anew.log_loss <= trained.log_loss
    if is_kept:
        head.set_linear(solution.weight, solution.bias)
    score = best.train if is_kept else _score(head, train, of_train, device=state.device)
    return Refit(
        trained=trained,
        anew=anew,
        is_kept=is_kept,
        train_accuracy=score.accuracy,
        losses=image_losses(head, validation, of_validation, device=state.device),
    )


@torch.inference_mode()
def image_losses(head: Head, features: Features, labels: Tensor, *, device: str) -> Tensor:
    """Compute the log loss of each of N images: float64 [N].

    Args:
        head: In eval mode.
        features: Pooled features of the images.
        labels: int64 [N].
        device: torch's device name, where the head is.
    """
    if not len(labels):
        return torch.zeros(0, dtype=torch.float64)
    logits = torch.cat([head(block.to(device)).cpu() for block in features.blocks()])
    return ONE_CLASS_EACH.loss(logits.double(), labels, reduction="none")


@torch.inference_mode()
def _score(head: Head, features: Features, labels: Tensor, *, device: str) -> Score:
    """Score a head on features."""
    if not len(labels):
        return Score()
    return ONE_CLASS_EACH.metrics(
        torch.cat([head(block.to(device)).cpu() for block in features.blocks()]), labels
    )
