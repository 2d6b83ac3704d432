"""Trains a head with a narrow hidden layer on labelled and unlabelled features together.

First the labelled images alone teach it. What is asked of the unlabelled ones comes in from a third of the
way and stays gentle. Asked from the beginning or as strongly as the labels, a few dozen unlabelled images are
sorted by whatever divides them best, which need not be the classes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from tlstudio.compute.seeds import derive_seed
from tlstudio.training.adaptation.adapted_head import AdaptedHead
from tlstudio.training.adaptation.domains import Domains, Standardisation
from tlstudio.training.adaptation.losses import class_confusion, lack_of_information, reversed_gradient

Aim = Literal["class-confusion", "information", "adversarial", "answers"]
"""Aim of learning from the unlabelled images; "answers" gives them soft labels."""

UNITS = 128
DISCRIMINATOR_UNITS = 64
BATCH = 64
"""Images of each domain in a step."""
EPOCHS = 40
FEWEST_STEPS, MOST_STEPS = 200, 600
LEARNING_RATE = 1e-3
WEIGHT_DECAY = 1e-2
LABEL_SMOOTHING = 0.1
DROPOUT = 0.3
STRENGTH = 0.3
"""Weight of what is asked of the unlabelled images; the labels have 1."""
LABELS_ALONE = 0.3
"""Share of the steps in which the labels alone teach."""
FULL_STRENGTH = 0.8
"""Share of the steps after which the strength is reached."""


def steps_count(images: int) -> int:
    """Number of optimiser steps for that many images in the larger domain."""
    return min(MOST_STEPS, max(FEWEST_STEPS, EPOCHS * math.ceil(images / BATCH)))


def trained_head(
    domains: Domains,
    *,
    aim: Aim,
    expected: Tensor,
    steps: int | None = None,
    on_step: Callable[[], None] = lambda: None,
) -> AdaptedHead:
    """Train a hidden head on the standardised features of both domains.

    Args:
        domains: Features and labels. The result depends on its seed, not on earlier draws.
        aim: What is asked of the target's predictions.
        expected: Of "information" the share of each class in the target [K], of "answers" the probabilities
            of each target image [M, K]; the others do not use it.
        steps: Optimiser steps; None takes as many as the images need.
        on_step: Called before each step; an exception that it raises ends the training.
    """
    standardisation = Standardisation.of(domains.target)
    source = Standardisation.of(domains.source).apply(domains.source)
    target = standardisation.apply(domains.target)
    random = torch.Generator().manual_seed(derive_seed(domains.seed, "adaptation", aim))
    network = _Network.drawn(source.shape[1], domains.classes_count, aim=aim, random=random)
    optimiser = torch.optim.AdamW(network.parameters, lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = steps or steps_count(max(len(source), len(target)))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps)
    side = torch.arange(2 * BATCH) < BATCH
    with torch.enable_grad():
        for step in range(steps):
            on_step()
            strength = STRENGTH * min(
                1.0, max(0.0, (step / steps - LABELS_ALONE) / (FULL_STRENGTH - LABELS_ALONE))
            )
            chosen = torch.randint(len(source), (BATCH,), generator=random)
            others = torch.randint(len(target), (BATCH,), generator=random)
            hidden = functional.gelu(
                functional.linear(
                    torch.cat([source[chosen], target[others]]), network.hidden_weight, network.hidden_bias
                )
            )
            kept = hidden * (torch.rand(hidden.shape, generator=random) > DROPOUT) / (1 - DROPOUT)
            logits = functional.linear(kept, network.weight, network.bias)
            loss = functional.cross_entropy(
                logits[:BATCH], domains.labels[chosen], label_smoothing=LABEL_SMOOTHING
            )
            if aim == "class-confusion":
                loss = loss + strength * class_confusion(logits[BATCH:])
            elif aim == "information":
                loss = loss + strength * lack_of_information(logits[BATCH:], expected)
            elif aim == "answers":
                loss = loss + functional.cross_entropy(logits[BATCH:], expected[others])
            else:
                guess = network.side_of(reversed_gradient(kept, strength))
                loss = loss + functional.binary_cross_entropy_with_logits(guess, side.float())
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
    hidden_weight, hidden_bias = standardisation.folded(
        network.hidden_weight.detach(), network.hidden_bias.detach()
    )
    return AdaptedHead(
        weight=network.weight.detach(),
        bias=network.bias.detach(),
        hidden_weight=hidden_weight,
        hidden_bias=hidden_bias,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Network:
    """The weights in training; those of the discriminator only where there is one."""

    hidden_weight: Tensor
    hidden_bias: Tensor
    weight: Tensor
    bias: Tensor
    discriminator: tuple[Tensor, ...] = ()

    @staticmethod
    def drawn(features: int, classes: int, *, aim: Aim, random: torch.Generator) -> _Network:
        """Random weights, uniform within 1 / √(inputs); biases 0."""

        def layer(outputs: int, inputs: int) -> tuple[Tensor, Tensor]:
            weight = (torch.rand(outputs, inputs, generator=random) * 2 - 1) / math.sqrt(inputs)
            return weight.requires_grad_(), torch.zeros(outputs, requires_grad=True)

        hidden, out = layer(UNITS, features), layer(classes, UNITS)
        discriminator: tuple[Tensor, ...] = ()
        if aim == "adversarial":
            discriminator = (*layer(DISCRIMINATOR_UNITS, UNITS), *layer(1, DISCRIMINATOR_UNITS))
        return _Network(
            hidden_weight=hidden[0],
            hidden_bias=hidden[1],
            weight=out[0],
            bias=out[1],
            discriminator=discriminator,
        )

    @property
    def parameters(self) -> list[Tensor]:
        """Everything that is trained."""
        return [self.hidden_weight, self.hidden_bias, self.weight, self.bias, *self.discriminator]

    def side_of(self, hidden: Tensor) -> Tensor:
        """Logit [N] that an image is of the source, as the discriminator guesses."""
        first, first_bias, second, second_bias = self.discriminator
        inner = functional.relu(functional.linear(hidden, first, first_bias))
        return functional.linear(inner, second, second_bias)[:, 0]
