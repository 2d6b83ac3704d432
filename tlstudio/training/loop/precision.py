"""Number formats of training steps: 16 bits where that is faster and accurate enough.

Weights, the optimiser, validation scores and the final metrics are float32 everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from tlstudio.compute.device import has_bfloat16

MACOS_WITH_BFLOAT16 = (14, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """The number format of a training step.

    Attributes:
        device: torch's name.
        dtype: Number format of products and convolutions; None is float32, like everything else.
        scaled: Whether gradients must be scaled to stay within the range of `dtype`.
    """

    device: str
    dtype: torch.dtype | None = None
    scaled: bool = False

    @property
    def name(self) -> str:
        """Name of the format: "float32", "bfloat16" or "float16"."""
        return str(self.dtype or torch.float32).removeprefix("torch.")

    def computing(self) -> torch.autocast:
        """Context for the forward pass and the loss, not for the backward pass."""
        return torch.autocast(self.device, dtype=self.dtype, enabled=self.dtype is not None)

    def scaler(self) -> torch.amp.GradScaler:
        """Gradient scaler for one training; it changes nothing where no scaling is needed."""
        return torch.amp.GradScaler(self.device, enabled=self.scaled)


def precisions(device: str) -> tuple[Precision, ...]:
    """The number formats available for training steps on a device; the last is float32.

    bfloat16 has the range of float32 and needs no scale. NVIDIA cards before 2020 do not have it and take
    float16 with one.

    Args:
        device: torch's name: "cpu", "cuda" or "mps".
    """
    float32 = Precision(device=device)
    bfloat16 = Precision(device=device, dtype=torch.bfloat16)
    if device == "cuda":
        if torch.cuda.is_bf16_supported(including_emulation=False):
            return bfloat16, float32
        return Precision(device=device, dtype=torch.float16, scaled=True), float32
    if device == "mps" and torch.backends.mps.is_macos_or_newer(*MACOS_WITH_BFLOAT16):
        return bfloat16, float32
    if device == "cpu" and has_bfloat16():
        return bfloat16, float32
    return (float32,)
