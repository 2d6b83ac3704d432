"""Compares the activations of two runtimes, on synthetic images."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor

SEED = 20_240
SCALES = (2, 5, 14, 40)
"""Patches per side of the coarse to fine structures of a probe image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Similarity of activations to the expected ones; those of one image are taken as one vector.

    Attributes:
        mean_cosine: Cosine similarity, mean over the images.
        worst_cosine: Cosine similarity of the worst image.
        length_error: Largest relative difference in vector length, which the cosine does not show.
    """

    mean_cosine: float
    worst_cosine: float
    length_error: float

    def within(self, bounds: Agreement) -> bool:
        """Return whether no value is worse than `bounds`; NaN always is."""
        return (
            self.mean_cosine >= bounds.mean_cosine
            and self.worst_cosine >= bounds.worst_cosine
            and self.length_error <= bounds.length_error
        )


FEATURE_BOUNDS = Agreement(mean_cosine=0.9999, worst_cosine=0.999, length_error=0.01)
"""Bounds for pooled features, from which only a head is trained."""
ACTIVATION_BOUNDS = Agreement(mean_cosine=0.99999, worst_cosine=0.9999, length_error=0.003)
"""Bounds for activations that enter trainable stages: these are trained on them and later used on float32
ones; each can enlarge the difference, so it must be ten times smaller (in squares of the angle)."""


def bounds_for(end: str | None) -> Agreement:
    """The bounds for activations at stage `end`; None is pooled features."""
    return FEATURE_BOUNDS if end is None else ACTIVATION_BOUNDS


def compare(activations: Tensor, expected: Tensor) -> Agreement:
    """Compare activations [N, …] with the expected ones of the same images.

    Raises:
        ValueError: Their shapes differ.
    """
    if activations.shape != expected.shape:
        raise ValueError(f"activations {tuple(activations.shape)} instead of {tuple(expected.shape)}")
    a, b = (values.detach().cpu().flatten(1).double() for values in (activations, expected))
    lengths, expected_lengths = a.norm(dim=1), b.norm(dim=1)
    tiny = torch.finfo(torch.float32).tiny
    # Two vectors of zeros agree.
    both_zero = (lengths < tiny) & (expected_lengths < tiny)
    cosine = torch.where(both_zero, 1.0, (a * b).sum(dim=1) / (lengths * expected_lengths).clamp_min(tiny))
    error = (lengths - expected_lengths).abs() / expected_lengths.clamp_min(tiny)
    return Agreement(
        mean_cosine=float(cosine.mean()),
        worst_cosine=float(cosine.min()),
        length_error=float(torch.where(both_zero, 0.0, error).max()),
    )


def probe_images(count: int, *, size: int) -> Tensor:
    """Draw synthetic images with coarse and fine structure, edges and flat areas; the same ones every time.

    Noise would hide errors: precision is lost where neighbouring pixels are alike, as they are on photos.

    Args:
        count: Number of images, all different.
        size: Side in pixels.

    Returns:
        uint8 [count, 3, size, size], in memory format channels-last as decoded images are.
    """
    generator = torch.Generator().manual_seed(SEED)
    image = torch.zeros(count, 3, size, size)
    for scale in SCALES:
        grid = torch.randn(count, 3, scale, scale, generator=generator) / scale**0.5
        image += F.interpolate(grid, size=(size, size), mode="bicubic", align_corners=False)
    # Areas of one colour with sharp edges; each image has its own brightness and contrast.
    outline = F.interpolate(
        torch.randn(count, 1, 4, 4, generator=generator),
        size=(size, size),
        mode="bicubic",
        align_corners=False,
    )
    colour = torch.randn(count, 3, 1, 1, generator=generator)
    image = torch.where(outline > 0.6, colour + 0.2 * image, image)
    contrast, brightness = (torch.rand(count, 1, 1, 1, generator=generator) for _ in range(2))
    image = 128 + (brightness - 0.5) * 90 + image * (30 + 60 * contrast)
    return image.clamp(0, 255).to(torch.uint8).contiguous(memory_format=torch.channels_last)
