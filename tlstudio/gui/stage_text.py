"""Stages and their weights as a person reads them."""

from __future__ import annotations


def count_words(count: int) -> str:
    """A number of weights in few digits, with a space that does not break: 512, 6.4 k, 0.72 M, 23.5 M."""
    if count < 1000:
        return str(count)
    if count < 100_000:
        return f"{count / 1e3:.3g}\u00a0k"
    return f"{count / 1e6:.2f}\u00a0M" if count < 10e6 else f"{count / 1e6:.1f}\u00a0M"
