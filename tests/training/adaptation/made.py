"""Features of two places, drawn by a seed: the same classes, and at the second place everything shifted."""

from __future__ import annotations

import torch
from torch import Tensor

from tlstudio.training.adaptation.domains import Domains

CLASSES = 3
SIZE = 48


def features(count: int, *, seed: int, shares: tuple[float, ...] = (1, 1, 1)) -> tuple[Tensor, Tensor]:
    """Features [count, SIZE] and their classes, which differ in all features."""
    random = torch.Generator().manual_seed(seed)
    labels = torch.multinomial(
        torch.tensor(shares, dtype=torch.float32), count, replacement=True, generator=random
    )
    centres = torch.randn(CLASSES, SIZE, generator=torch.Generator().manual_seed(98))
    return torch.randn(count, SIZE, generator=random) + 1.5 * centres[labels], labels


def elsewhere(values: Tensor) -> Tensor:
    """The same images at the second place: each feature stretched and shifted in its own way."""
    random = torch.Generator().manual_seed(99)
    return values * (0.3 + 2 * torch.rand(SIZE, generator=random)) + 6 * torch.randn(SIZE, generator=random)


def domains(
    *, source: int = 90, target: int = 90, shares: tuple[float, ...] = (1, 1, 1), shifted: bool = True
) -> tuple[Domains, Tensor]:
    """Two domains and the labels of the second."""
    here, labels = features(source, seed=1)
    there, true = features(target, seed=2, shares=shares)
    made = Domains(
        source=here,
        labels=labels,
        target=elsewhere(there) if shifted else there,
        classes_count=CLASSES,
        seed=0,
    )
    return made, true


def right(logits: Tensor, labels: Tensor) -> float:
    """Accuracy, a fraction."""
    return float((logits.argmax(dim=1) == labels).float().mean())
