"""The average of a model's weights over the last steps of its training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

FIRST_STEPS = 10
"""Steps in which the average's reach grows by one more step, so that the start does not count for long."""


class WeightAverage:
    """An exponential moving average of trainable parameters, which varies less than the weights themselves.

    Args:
        parameters: By name.
        share: Share of all steps that it reaches back over; 0 keeps no average.
        steps: Steps of the whole training.
    """

    def __init__(self, parameters: Mapping[str, nn.Parameter], *, share: float, steps: int) -> None:
        self._parameters = dict(parameters)
        self._decay = 1 - 1 / max(1.0, share * steps)
        self.values: dict[str, Tensor] = {}
        """The averages by name; empty when none is kept."""
        if share > 0:
            self.values = {name: one.detach().clone() for name, one in self._parameters.items()}

    @torch.no_grad()
    def update(self, *, step: int) -> None:
        """Count the present weights in.

        Args:
            step: Number of the step that led to them, from 1.
        """
        decay = min(self._decay, step / (step + FIRST_STEPS))
        for name, one in self.values.items():
            one.lerp_(self._parameters[name], 1 - decay)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Put the averages into the parameters while the block runs."""
        if not self.values:
            yield
            return
        now = {name: one.detach().clone() for name, one in self._parameters.items()}
        self._set(self.values)
        try:
            yield
        finally:
            self._set(now)

    @torch.no_grad()
    def restore(self, values: Mapping[str, Tensor]) -> None:
        """Set the averages to those of a checkpoint.

        Raises:
            KeyError: One is missing.
        """
        for name, one in self.values.items():
            one.copy_(values[name])

    @torch.no_grad()
    def _set(self, values: Mapping[str, Tensor]) -> None:
        for name, one in self._parameters.items():
            one.copy_(values[name])
