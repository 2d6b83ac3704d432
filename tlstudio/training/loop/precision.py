"""How exactly a training step computes: in half the digits where that is sound and sooner done.

Weights, the optimiser, scores on validation images and the final figures are float32 everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from tlstudio.compute.device import has_bfloat16

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

    @property
    def name(self) -> str:
        """Of `dtype`: "float32", "bfloat16" or "float16"."""
        return str(self.dtype or torch.float32).removeprefix("torch.")

    def computing(self) -> torch.autocast:
        """Around the forward pass and the loss, not the backward pass."""
        return torch.autocast(self.device, dtype=self.dtype, enabled=self.dtype is not None)

    def scaler(self) -> torch.amp.GradScaler:
        """For one training; without need of a scale it passes everything on unchanged."""
        return torch.amp.GradScaler(self.device, enabled=self.scaled)


def precisions(device: str) -> tuple[Precision, ...]:
    """What training steps can compute in here; the last is float32.

    bfloat16 has the range of float32 and needs no scale. NVIDIA cards before 2020 do not have it and take
    float16 with one.

    Args:
        device: torch's name: "cpu", "cuda" or "mps".
    """
    whole = Precision(device=device)
    bfloat16 = Precision(device=device, dtype=torch.bfloat16)
    if device == "cuda":
        if torch.cuda.is_bf16_supported(including_emulation=False):
            return bfloat16, whole
        return Precision(device=device, dtype=torch.float16, scaled=True), whole
    if device == "mps" and torch.backends.mps.is_macos_or_newer(*MACOS_WITH_BFLOAT16):
        return bfloat16, whole
    if device == "cpu" and has_bfloat16():
        return bfloat16, whole
    return (whole,)
