"""Makes the adapted heads of all methods, and the one that they agree on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import get_args

import torch
from torch import Tensor

from tlstudio.specs.strategies.adapt import Method
from tlstudio.training.adaptation.adapted_head import AdaptedHead
from tlstudio.training.adaptation.bottleneck import trained_head
from tlstudio.training.adaptation.class_mix import ClassMix
from tlstudio.training.adaptation.domains import Domains
from tlstudio.training.adaptation.linear import coral_head, standardised_head

METHODS: tuple[Method, ...] = get_args(Method)
EQUAL_MIX: tuple[Method, ...] = ("class-confusion",)
"""Methods that assume the mix of classes to be that of the labelled images."""
ADVISERS: tuple[Method, ...] = ("standardise", "coral", "class-confusion", "information")
"""Methods whose common answers count. The adversarial one is not among them: with a few hundred images, what
it comes to depends on chance more than on them."""


MIX_FREE: tuple[Method, ...] = ("standardise", "coral")
"""Methods that assume nothing about the mix, by whose answers it is estimated."""


def advising_methods(mix: ClassMix) -> tuple[Method, ...]:
    """The methods whose common answers count with that mix of classes."""
    return tuple(method for method in ADVISERS if mix.differs is None or method not in EQUAL_MIX)


def head_of(
    method: Method,
    domains: Domains,
    *,
    mix: ClassMix | None = None,
    on_step: Callable[[], None] = lambda: None,
) -> AdaptedHead:
    """Make the head of one method.

    Args:
        method: Any but "auto".
        domains: Features and labels.
        mix: Estimated for the target; None expects that of the source.
        on_step: Called before each optimiser step; an exception that it raises ends the work.
    """
    closed: Mapping[Method, Callable[[Domains], AdaptedHead]] = {
        "standardise": standardised_head,
        "coral": coral_head,
    }
    if method in closed:
        return closed[method](domains)
    if method == "class-confusion" or method == "information" or method == "adversarial":
        shares = domains.shares()
        expected = shares if mix is None else mix.expected(shares)
        return trained_head(domains, aim=method, expected=expected, on_step=on_step)
    raise ValueError(f"{method} is not one method")


def common_answers(heads: Sequence[AdaptedHead], target: Tensor) -> Tensor:
    """The mean of the heads' probabilities for target features [M, F]: float32 [M, K]."""
    return torch.stack([head.logits(target).softmax(dim=1) for head in heads]).mean(dim=0)


def common_head(
    answers: Tensor, domains: Domains, *, on_step: Callable[[], None] = lambda: None
) -> AdaptedHead:
    """One head that answers as the advising methods do together.

    Args:
        answers: From `common_answers`, for the target of the domains.
        domains: Features and labels.
        on_step: As of `head_of`.
    """
    return trained_head(domains, aim="answers", expected=answers, on_step=on_step)
