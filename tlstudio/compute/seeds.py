"""Stateless randomness: every draw depends on the seed and its purpose, not on earlier draws.

So an epoch that is repeated after a kill draws the same numbers again.
"""

from __future__ import annotations

import hashlib

import torch


def derive_seed(seed: int, *purpose: str | int) -> int:
    """Derive a seed for one purpose, e.g. `derive_seed(7, "order", epoch)`.

    Returns:
        0 … 2**63 - 1, the same on every computer.
    """
    text = "/".join(str(part) for part in (seed, *purpose))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def generator(seed: int, *purpose: str | int) -> torch.Generator:
    """Make a generator on the CPU, seeded for one purpose."""
    return torch.Generator().manual_seed(derive_seed(seed, *purpose))
