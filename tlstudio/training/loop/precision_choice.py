"""What the steps of one training compute in: float32, or half the digits where that is clearly sooner done.

On graphics cards it always is. On processors that have instructions for bfloat16 it depends on the stages:
large plain convolutions and transformers take 0.6 of the time, depthwise convolutions as long or longer. So a
few images go forward and back both ways, once per computer, backbone and freeze line; the gradients must
point the same way, and the choice is remembered. A training that goes on keeps what it began with.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from tlstudio.core.control import Control
from tlstudio.core.errors import is_out_of_memory
from tlstudio.evaluation.objective import ONE_CLASS_EACH
from tlstudio.models.frozen.runtime_choice import computer
from tlstudio.models.frozen.runtime_records import key_of, recall, remember
from tlstudio.training.loop.precision import Precision, precisions
from tlstudio.training.loop.trainable_model import StandardisedHead, TrainableModel, TrainingImages

log = logging.getLogger(__name__)

SAME_DIRECTION = 0.99
"""Cosine of the gradients in both, at least. ResNet, ConvNeXt and ViT have 0.9998 and more,
EfficientNet-Lite0 0.998 from blocks.5 up and 0.92 as a whole."""
LEAST_MFLOPS = 500
"""Of one image on its way forward; with fewer there is little to win, and a clock would choose by luck."""
TRIED_IMAGES = 8
ROUNDS = 3
"""The least time counts: other work on the computer only ever adds to it."""
TRIAL_SECONDS = 2.0
"""No third round begins after this; a large backbone takes seconds for one. The first warms up."""
WORTHWHILE = 0.75
"""Of the time that a step takes in float32. Stages lie near 0.6 of it, or above 0.9."""


def choose_precision(
    side: TrainableModel | StandardisedHead,
    *,
    train: TrainingImages,
    device: str,
    begun_with: str | None,
    control: Control,
) -> Precision:
    """The precision of training steps.

    A trial takes a second or two, or two steps each way where that is longer, and leaves no trace.

    Args:
        side: To be trained. A head alone is so small that there is no time to win.
        train: Some of its images are used for the trial.
        device: torch's name.
        begun_with: Name of the precision of a training that goes on; None when it begins.
        control: Stop and cancel end the trial, and nothing is remembered then.
    """
    *half, whole = precisions(device)
    if isinstance(side, StandardisedHead) or side.first_trainable is None or not half:
        return whole
    for known in (*half, whole):
        if known.name == begun_with:
            return known
    if device != "cpu":
        return half[0]
    about = {
        "computer": computer(device, threads=torch.get_num_threads()),
        "torch": torch.__version__,
        "backbone": side.classifier.backbone.id,
        "first_trainable": side.first_trainable,
        "input_size": side.classifier.preprocessing.input_size,
    }
    key = key_of(about)
    entry = recall("precisions", key)
    if entry is None:
        found = _trial(side, train, (half[0], whole), control=control)
        if found is None:
            return whole
        entry = about | found
        remember("precisions", key, entry)
    return half[0] if entry.get("chosen") == half[0].name else whole


def _trial(
    side: TrainableModel, train: TrainingImages, pair: tuple[Precision, Precision], *, control: Control
) -> dict[str, object] | None:
    """What is remembered of a trial; None if it was ended, or memory ran out."""
    # From all over the set, with labels that are mostly wrong: a head that fits already has no gradients.
    spread = [number * len(train) // TRIED_IMAGES for number in range(TRIED_IMAGES)]
    activations, _ = train.plain_batch(spread)
    labels = torch.arange(TRIED_IMAGES) % len(side.classifier.classes)
    half, whole = pair
    mflops = _mflops(side, activations[:1])
    if mflops < LEAST_MFLOPS:
        return {"chosen": whole.name, "mflops": mflops}
    seconds = dict.fromkeys(pair, float("inf"))
    gradients: dict[Precision, list[Tensor]] = {}
    side.train()
    started = time.perf_counter()
    try:
        with torch.random.fork_rng(devices=()):
            for number in range(ROUNDS):
                if number > 1 and time.perf_counter() - started > TRIAL_SECONDS:
                    break
                for precision in pair:
                    if control.stopped or control.cancelled:
                        return None
                    torch.manual_seed(0)  # so that dropout leaves out the same
                    taken, gradients[precision] = _step(side, activations, labels, precision)
                    seconds[precision] = min(taken, seconds[precision])
    except (RuntimeError, MemoryError) as error:
        if is_out_of_memory(error):
            return None
        if precision is whole:
            raise
        log.warning("training steps in %s do not work for this backbone", half.name, exc_info=error)
        return {"chosen": whole.name, "mflops": mflops, "failed": str(error)}
    finally:
        side.zero_grad()
    cosine = _cosine(gradients[half], gradients[whole])
    pays = seconds[half] < WORTHWHILE * seconds[whole] and cosine >= SAME_DIRECTION
    told = {precision.name: round(1000 * value, 1) for precision, value in seconds.items()}
    chosen = (half if pays else whole).name
    return {"chosen": chosen, "mflops": mflops, "milliseconds": told, "cosine": round(cosine, 5)}


def _mflops(side: TrainableModel, activations: Tensor) -> float:
    """Millions of multiplications and additions in the convolutions and linear layers on the way forward."""
    count = 0

    def add(module: nn.Module, given: object, numbers: Tensor) -> None:
        nonlocal count
        count += 2 * numbers.numel() * module.weight[0].numel()  # type: ignore[index]

    hooks = [
        module.register_forward_hook(add)
        for module in side.modules()
        if isinstance(module, nn.Conv2d | nn.Linear)
    ]
    try:
        with torch.no_grad():
            side.eval()(activations)
    finally:
        for hook in hooks:
            hook.remove()
    return count / 1e6


def _step(
    side: TrainableModel, activations: Tensor, labels: Tensor, precision: Precision
) -> tuple[float, list[Tensor]]:
    """Seconds of a way forward and back, and the gradients it gave."""
    started = time.perf_counter()
    with precision.computing():
        loss = ONE_CLASS_EACH.loss(side(activations).float(), labels)
    loss.backward()  # type: ignore[no-untyped-call]
    seconds = time.perf_counter() - started
    gradients = [parameter.grad for parameter in side.parameters() if parameter.grad is not None]
    side.zero_grad()
    return seconds, gradients


def _cosine(one: Sequence[Tensor], two: Sequence[Tensor]) -> float:
    """Of two lists of tensors as if each were one vector; not a number when one has such."""

    def product(a: Sequence[Tensor], b: Sequence[Tensor]) -> float:
        return sum(float((x.double() * y).sum()) for x, y in zip(a, b, strict=True))

    return product(one, two) / max(math.sqrt(product(one, one) * product(two, two)), 1e-300)
