"""How exactly a training step computes: on graphics cards in half the digits where that is sound.

Weights, the optimiser and the final figures are float32 everywhere. A processor computes in float32
throughout: a run there gives the same numbers as ever.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

MACOS_WITH_BFLOAT16 = (14, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """What a training step computes in.

    Attributes:
        device: torch's name.
        dtype: Of products and convolutions; None is float32, as everything else.
        scaled: Whether gradients need a scale to stay within the range of `dtype`.
    """

    device: str
    dtype: torch.dtype | None = None
    scaled: bool = False

    def computing(self) -> torch.autocast:
        """Around the forward pass and the loss, not the backward pass."""
        return torch.autocast(self.device, dtype=self.dtype, enabled=self.dtype is not None)

    def scaler(self) -> torch.amp.GradScaler:
        """For one training; without need of a scale it passes everything on unchanged."""
        return torch.amp.GradScaler(self.device, enabled=self.scaled)


def precision_for(device: str, *, head_only: bool) -> Precision:
    """The precision of training steps.

    bfloat16 has the range of float32 and needs no scale. NVIDIA cards before 2020 do not have it and take
    float16 with one.

    Args:
        device: torch's name: "cpu", "cuda" or "mps".
        head_only: A head alone is so small that there is no time to win.
    """
    if head_only:
        return Precision(device=device)
    if device == "cuda":
        if torch.cuda.is_bf16_supported(including_emulation=False):
            return Precision(device=device, dtype=torch.bfloat16)
        return Precision(device=device, dtype=torch.float16, scaled=True)
    if device == "mps" and torch.backends.mps.is_macos_or_newer(*MACOS_WITH_BFLOAT16):
        return Precision(device=device, dtype=torch.bfloat16)
    return Precision(device=device)
