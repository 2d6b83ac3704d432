"""Draws table tops for the samples: wood, cloth, brushed metal, concrete, a cutting mat, paper."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array: TypeAlias = NDArray[np.float32]


def noise(side: int, grain: float, rng: np.random.Generator, *, stretch: float = 1.0) -> Array:
    """Draw smooth random noise with mean 0 and standard deviation about 1.

    Args:
        side: Side of the square result, in pixels.
        grain: Typical size of a wave, in pixels.
        rng: Random generator.
        stretch: Factor by which waves are longer in the x direction.
    """
    rows = max(2, round(side / grain))
    columns = max(2, round(side / (grain * stretch)))
    coarse = rng.normal(0, 1, (rows, columns)).astype(np.float32)
    waves = Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(waves, np.float32) * np.float32(1.25)


def table(side: int, rng: np.random.Generator) -> Array:
    """Draw a table top seen straight from above: `[side, side, 3]`, values in 0–1."""
    surface = (_wood, _wood, _cloth, _brushed, _concrete, _mat, _paper)[int(rng.integers(7))]
    colour = surface(side, rng)
    turns = int(rng.integers(4))
    return np.ascontiguousarray(np.rot90(colour, turns)).astype(np.float32)


def _mix(low: tuple[float, float, float], high: tuple[float, float, float], share: Array) -> Array:
    weight = np.clip(share, 0, 1)[:, :, np.newaxis]
    return np.asarray(
        np.array(low, np.float32) * (1 - weight) + np.array(high, np.float32) * weight, np.float32
    )


def _wood(side: int, rng: np.random.Generator) -> Array:
    dark, bright = (
        ((0.45, 0.27, 0.14), (0.72, 0.50, 0.30)),
        ((0.62, 0.44, 0.26), (0.87, 0.71, 0.50)),
        ((0.24, 0.14, 0.09), (0.44, 0.28, 0.18)),
        ((0.50, 0.46, 0.42), (0.72, 0.68, 0.62)),
    )[int(rng.integers(4))]
    y = np.mgrid[0:side, 0:side][0].astype(np.float32)
    bend = noise(side, side / 2.5, rng, stretch=2.5) * rng.uniform(10, 26)
    rings = (y + bend) / rng.uniform(11, 22)
    late = (rings % 1.0) ** 2.2
    late = np.where(rings % 1.0 > 0.94, (1 - rings % 1.0) / 0.06, late)
    fibres = noise(side, 1.3, rng, stretch=22) * 0.09 + noise(side, 3, rng, stretch=30) * 0.07
    share = 0.72 - 0.38 * late + fibres + 0.07 * noise(side, 60, rng)
    colour = _mix(dark, bright, share)
    if rng.random() < 0.5:
        seam = rng.uniform(0.15, 0.85) * side
        gap = np.exp(-((y - seam) ** 2) / 3.0)
        colour = colour * (1 - 0.75 * gap[:, :, np.newaxis]) * np.where(y > seam, 0.93, 1.0)[:, :, np.newaxis]
    return colour


def _cloth(side: int, rng: np.random.Generator) -> Array:
    base = (
        (0.20, 0.28, 0.45),
        (0.78, 0.73, 0.62),
        (0.55, 0.18, 0.16),
        (0.32, 0.38, 0.30),
        (0.45, 0.45, 0.48),
    )[int(rng.integers(5))]
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    thread = rng.uniform(4.5, 6.5)
    wobble = noise(side, 30, rng) * 0.5
    over = np.sin(2 * np.pi * (x + wobble) / thread) * np.sin(2 * np.pi * (y + wobble) / thread)
    warp = np.cos(4 * np.pi * (x + wobble) / thread) * (over > 0)
    weft = np.cos(4 * np.pi * (y + wobble) / thread) * (over <= 0)
    folds = noise(side, side / 2.2, rng)
    tone = 0.92 + 0.11 * (warp + weft) + 0.05 * noise(side, 1.2, rng) + 0.07 * folds
    return np.asarray(np.clip(tone, 0, 2)[:, :, np.newaxis] * np.array(base, np.float32), np.float32)


def _brushed(side: int, rng: np.random.Generator) -> Array:
    y = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j][0].astype(np.float32)
    lines = noise(side, 1.0, rng, stretch=90) * 0.035 + noise(side, 2.5, rng, stretch=60) * 0.025
    sheen = 0.12 * np.exp(-((y - rng.uniform(-0.6, 0.6)) ** 2) / 0.25)
    tone = rng.uniform(0.42, 0.60) + lines + sheen + 0.02 * noise(side, 70, rng)
    return np.asarray(tone[:, :, np.newaxis] * np.array((0.98, 1.0, 1.03), np.float32), np.float32)


def _concrete(side: int, rng: np.random.Generator) -> Array:
    tone = rng.uniform(0.50, 0.66) + 0.035 * noise(side, 50, rng) + 0.03 * noise(side, 14, rng)
    tone = tone + 0.025 * noise(side, 4, rng) + 0.03 * noise(side, 1.2, rng)
    pores = np.clip(noise(side, 3.5, rng) - 1.9, 0, 1)
    tint = np.array((1.02, 1.0, 0.96), np.float32)
    return np.asarray(np.clip(tone - 0.35 * pores, 0, 1)[:, :, np.newaxis] * tint, np.float32)


def _mat(side: int, rng: np.random.Generator) -> Array:
    base = ((0.10, 0.36, 0.30), (0.13, 0.22, 0.38), (0.22, 0.23, 0.25))[int(rng.integers(3))]
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    step = rng.uniform(26, 40)
    shift = rng.uniform(0, step, 2)
    off = np.minimum((x + shift[0]) % step, (y + shift[1]) % step)
    lines = np.exp(-((np.minimum(off, step - off)) ** 2) / 0.7) * 0.30
    tone = 1 + 0.05 * noise(side, 1.2, rng) + 0.04 * noise(side, 50, rng)
    scratches = np.clip(noise(side, 1.6, rng, stretch=60) - 2.2, 0, 1) * 0.25
    colour = tone[:, :, np.newaxis] * np.array(base, np.float32)
    return np.asarray(colour + (lines + scratches)[:, :, np.newaxis] * (0.75 - colour), np.float32)


def _paper(side: int, rng: np.random.Generator) -> Array:
    tone = 0.86 + 0.012 * noise(side, 1.3, rng) + 0.012 * noise(side, 6, rng) + 0.02 * noise(side, 90, rng)
    tint = ((1.0, 0.99, 0.96), (0.97, 0.98, 1.0), (1.0, 0.94, 0.84))[int(rng.integers(3))]
    colour = np.asarray(tone[:, :, np.newaxis] * np.array(tint, np.float32), np.float32)
    if rng.random() < 0.5:
        y, x = np.mgrid[0:side, 0:side].astype(np.float32)
        step = rng.uniform(20, 28)
        off = np.minimum(np.minimum(x % step, step - x % step), np.minimum(y % step, step - y % step))
        ink = np.exp(-(off**2) / 0.6)[:, :, np.newaxis] * 0.35
        colour = colour * (1 - ink) + ink * np.array((0.55, 0.68, 0.85), np.float32)
    return colour
