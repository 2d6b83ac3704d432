"""Draws the sample "nuts and bolts": small metal parts on a workbench, rendered from height maps.

A part is a map of heights above the table, in units of its own size. Normals come from the slopes and reflect
a simple room (bright window side, dark floor side, one lamp); the part casts a soft shadow.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from tlstudio.samples.surfaces import Array, noise, table

SIZE = 272
"""Side of an image in pixels."""
SUPERSAMPLING = 2

# Unit vector to the lamp: right, down, up.
Light: TypeAlias = tuple[float, float, float]

_OUTSIDE = -1.0
_METALS = (
    ((0.80, 0.82, 0.85), 1.0),  # zinc
    ((0.72, 0.71, 0.69), 1.0),  # steel
    ((0.86, 0.69, 0.36), 1.0),  # brass
    ((0.84, 0.74, 0.50), 0.9),  # yellow zinc
    ((0.30, 0.30, 0.33), 0.8),  # black oxide
    ((0.80, 0.52, 0.38), 0.9),  # copper
)


def draw(class_name: str, rng: np.random.Generator) -> Image.Image:
    """Draw one image of a class, or one of the `PLANTED_SHAPES`; `rng` determines everything else."""
    shape = {**SHAPES, **PLANTED_SHAPES}[class_name]
    scene = table(SIZE, rng)
    angle = rng.uniform(0, 2 * math.pi)
    height = rng.uniform(0.9, 1.6)
    length = math.hypot(1, height)
    light = (math.cos(angle) / length, math.sin(angle) / length, height / length)
    parts = int(rng.choice([1, 1, 1, 1, 2]))
    for index in range(parts):
        reach = SIZE * (rng.uniform(0.32, 0.44) if parts == 1 else rng.uniform(0.19, 0.22))
        offset = 0.0 if parts == 1 else (-0.22 if index == 0 else 0.22)
        centre = SIZE * (0.5 + offset + rng.uniform(-0.04, 0.04)), SIZE * (0.5 + rng.uniform(-0.08, 0.08))
        scene = _place(scene, shape, centre=centre, reach=reach, light=light, rng=rng)
    return _photograph(scene, light, rng)


def _place(
    scene: Array,
    shape: Callable[[Array, Array, np.random.Generator], Array],
    *,
    centre: tuple[float, float],
    reach: float,
    light: Light,
    rng: np.random.Generator,
) -> Array:
    side = SIZE * SUPERSAMPLING
    rows, columns = np.mgrid[0:side, 0:side].astype(np.float32)
    unit = reach * SUPERSAMPLING
    x = (columns + 0.5 - centre[0] * SUPERSAMPLING) / unit
    y = (rows + 0.5 - centre[1] * SUPERSAMPLING) / unit
    turn = rng.uniform(0, 2 * math.pi)
    squash = rng.uniform(0.88, 1.0)
    y = y / squash
    height = shape(x * math.cos(turn) + y * math.sin(turn), y * math.cos(turn) - x * math.sin(turn), rng)
    mask = height > 0
    painted = np.zeros((side, side, 3), np.float32)
    painted[mask] = _metal(np.where(mask, height, 0), mask, unit=unit, light=light, rng=rng)
    cover = _small(mask.astype(np.float32))[:, :, np.newaxis]
    thickness = float(height.max()) * reach
    scene = scene * (1 - _shadow(mask, light, thickness))[:, :, np.newaxis]
    return np.asarray(scene * (1 - cover) + _small(painted), np.float32)


def _metal(
    height: Array, mask: NDArray[np.bool_], *, unit: float, light: Light, rng: np.random.Generator
) -> Array:
    """Colours of the part's own pixels, `[mask.sum(), 3]`."""
    side = height.shape[0]
    base, shine = _METALS[int(rng.choice(len(_METALS), p=[0.3, 0.26, 0.14, 0.1, 0.12, 0.08]))]
    # A little unevenness makes the reflections wander as on real, handled metal.
    uneven = noise(side, 50, rng) * 0.005 + noise(side, 7, rng) * 0.0003
    slopes = np.gradient((height + uneven) * unit)
    # The steep walls would hide everything else.
    slope_y, slope_x = (np.clip(slope[mask], -3, 3) for slope in slopes)
    nz = 1 / np.sqrt(slope_x**2 + slope_y**2 + 1)
    nx, ny = -slope_x * nz, -slope_y * nz
    # The camera is near, so even a flat face reflects another part of the room at each point.
    rows, columns = np.nonzero(mask)
    rx = 2 * nz * nx + (columns.astype(np.float32) / side - 0.5) * 0.45
    ry = 2 * nz * ny + (rows.astype(np.float32) / side - 0.5) * 0.45
    rz = 2 * nz * nz - 1
    toward = rx * light[0] + ry * light[1] + rz * light[2]
    across = rx * light[1] - ry * light[0]
    room = 0.50 + 0.30 * np.tanh(2.2 * (toward - 0.45)) + 0.07 * np.sin(5 * across + 2 * toward)
    lamp = np.exp((np.minimum(toward, 1) - 1) * 38) * 0.6
    window = np.exp(-((across - 0.55) ** 2) / 0.02 - ((toward - 0.35) ** 2) / 0.06) * 0.28
    diffuse = np.clip(nx * light[0] + ny * light[1] + nz * light[2], 0, 1) * 0.30
    occlusion = 0.55 + 0.45 * np.clip((_blur(mask.astype(np.float32), 5.0)[mask] - 0.45) * 2.6, 0, 1)
    tone = (room * shine + diffuse) * occlusion * (1 + 0.03 * noise(side, 3, rng)[mask])
    colour = tone[:, np.newaxis] * np.array(base, np.float32)
    if rng.random() < 0.25:
        patches = noise(side, 36, rng) + 0.5 * noise(side, 9, rng)
        rust = 0.8 * np.clip(patches[mask] - 0.7, 0, 1)[:, np.newaxis]
        brown = np.array([0.42, 0.22, 0.10], np.float32) * (0.6 + 0.6 * diffuse[:, np.newaxis])
        colour = colour * (1 - rust) + rust * brown
    return np.asarray(colour + ((lamp + window) * shine * occlusion)[:, np.newaxis], np.float32)


def _shadow(mask: NDArray[np.bool_], light: Light, thickness: float) -> Array:
    shape = _small(mask.astype(np.float32))
    throw = thickness / light[2]
    far = np.zeros_like(shape)
    for share in (0.25, 0.5, 0.75, 1.0):
        dx, dy = (round(float(-light[axis] * throw * share)) for axis in (0, 1))
        far = np.maximum(far, _shift(shape, dx, dy))
    return 0.50 * _blur(far, 2.0 + thickness * 0.10) + 0.32 * _blur(shape, 4.0)


def _photograph(scene: Array, light: Light, rng: np.random.Generator) -> Image.Image:
    side = scene.shape[0]
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j].astype(np.float32)
    falloff = 1 + 0.16 * (x * light[0] + y * light[1]) - 0.10 * (x**2 + y**2)
    warmth = rng.uniform(-0.05, 0.05)
    cast = np.array([1 + warmth, 1, 1 - warmth], np.float32)
    exposed = scene * falloff[:, :, np.newaxis] * cast * rng.uniform(0.88, 1.10)
    # A shoulder in place of hard clipping, as film and cameras have it.
    exposed = np.where(exposed > 0.8, 0.8 + 0.2 * np.tanh((exposed - 0.8) / 0.2), exposed)
    exposed = exposed + rng.normal(0, rng.uniform(0.004, 0.014), exposed.shape)
    image = Image.fromarray(np.rint(np.clip(exposed, 0, 1) * 255).astype(np.uint8))
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(0.0, 0.7)))


def _shift(values: Array, dx: int, dy: int) -> Array:
    margin = max(abs(dx), abs(dy))
    side = values.shape[0]
    padded = np.pad(values, margin)
    return padded[margin - dy : margin - dy + side, margin - dx : margin - dx + side]


def _small(values: Array) -> Array:
    quarters = values[::2, ::2] + values[1::2, ::2] + values[::2, 1::2] + values[1::2, 1::2]
    return np.asarray(quarters / SUPERSAMPLING**2, np.float32)


def _blur(values: Array, radius: float) -> Array:
    grey = Image.fromarray(np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8))
    return np.asarray(grey.filter(ImageFilter.GaussianBlur(radius)), np.float32) / np.float32(255)


def _hexagon(u: Array, v: Array) -> Array:
    """Distance inward from the edge of a hexagon whose corners lie on the unit circle; negative outside."""
    sides = [np.abs(u * math.cos(a) + v * math.sin(a)) for a in (math.pi / 6, math.pi / 2, 5 * math.pi / 6)]
    return np.asarray(math.sqrt(0.75) - np.maximum.reduce(sides), np.float32)


def _nut(u: Array, v: Array, rng: np.random.Generator) -> Array:
    thick, hole = rng.uniform(0.32, 0.5), rng.uniform(0.46, 0.56)
    radius = np.hypot(u, v)
    height = np.minimum(thick, 0.05 + _hexagon(u, v) * 6)
    height = np.minimum(height, thick - (radius - 0.84) * 0.55)
    thread = 0.05 * np.abs(((radius - hole) * 22 + np.arctan2(v, u) / (2 * np.pi)) % 1 - 0.5)
    height = np.minimum(height, thick * 0.15 + (radius - hole + 0.09) * 2.4 + thread)
    if rng.random() < 0.25:
        # A flange under the hexagon.
        height = np.maximum(height, np.where(radius < 1.12, 0.12 + (1.12 - radius) * 0.5, _OUTSIDE))
        height = np.where(
            radius < hole, np.minimum(height, thick * 0.15 + (radius - hole + 0.09) * 2.4), height
        )
    outside = (radius < hole - 0.09) | ((_hexagon(u, v) < 0) & (height < 0.1))
    return np.where(outside, _OUTSIDE, height)


def _washer(u: Array, v: Array, rng: np.random.Generator, *, is_plain: bool = False) -> Array:
    hole, thick = rng.uniform(0.36, 0.62), rng.uniform(0.09, 0.14)
    radius = np.hypot(u, v)
    height = np.minimum(thick, np.minimum(1 - radius, radius - hole) * 1.6 + 0.02)
    height = np.where((radius > 1) | (radius < hole), _OUTSIDE, height)
    kind = rng.random()
    if is_plain:
        return height
    if kind < 0.25:
        # A spring washer: cut through and slightly twisted.
        turn = np.arctan2(-v, -u)
        height = np.where(height > 0, height * 1.3 + 0.04 * turn / np.pi, height)
        height = np.where((np.abs(v - 0.25 * (u - 0.8)) < 0.045) & (u > 0), _OUTSIDE, height)
    elif kind < 0.45:
        # Teeth along the outer edge.
        teeth = np.cos(np.arctan2(v, u) * int(rng.integers(9, 14)))
        height = np.where((radius > 0.82) & (teeth < -0.1), _OUTSIDE, height + 0.05 * teeth * (radius > 0.78))
    return height


def _rod(u: Array, v: Array, *, start: float, end: float, radius: Array | float) -> Array:
    """A lying cylinder along u; `radius` may change along it."""
    inside = (u >= start) & (u <= end) & (np.abs(v) < radius)
    return np.where(inside, np.sqrt(np.maximum(np.square(radius) - v**2, 1e-4)), _OUTSIDE)


def _bolt(u: Array, v: Array, rng: np.random.Generator) -> Array:
    body, length = rng.uniform(0.17, 0.23), 1.72
    neck, pitch = -0.62, rng.uniform(0.075, 0.10)
    threaded = neck + length * rng.choice([0.02, 0.3, 0.45])
    wave = np.abs((u / pitch + 0.35 * v / body) % 1 - 0.5) * 2
    radius = np.where(u > threaded, body * (1 - 0.17 * wave), body)
    radius = np.minimum(radius, body * 0.72 + (neck + length - u) * 0.9)
    shank = _rod(u, v, start=neck, end=neck + length, radius=radius)
    head = body * rng.uniform(1.75, 2.0)
    top = neck - body * rng.uniform(1.25, 1.5)
    across = np.abs(v)
    if rng.random() < 0.3:
        # A cylinder head with a knurled side.
        head *= 0.88
        knurl = 1 + 0.02 * np.sin(np.arcsin(np.clip(v / head, -1, 1)) * 44)
        block = _rod(u, v, start=top, end=neck, radius=head * knurl)
        return np.maximum(shank, np.where(block > 0, np.minimum(block, 0.06 + (u - top) * 3), block))
    block = np.minimum(head * 0.866, (head - across) * 1.732)
    arch = np.where(across < head / 2, across**2, (across - 0.75 * head) ** 2 + 0.1 * head**2) * 0.35 / head
    inside = (across < head) & (u < neck) & (u > top + arch)
    block = np.where(inside, np.minimum(block, 0.08 + (u - top - arch) * 4), _OUTSIDE)
    if rng.random() < 0.4:
        collar = _rod(u, v, start=neck - 0.06, end=neck, radius=head * 1.12)
        block = np.maximum(block, collar)
    return np.maximum(shank, block)


def _screw(u: Array, v: Array, rng: np.random.Generator) -> Array:
    body, length = rng.uniform(0.12, 0.16), 1.9
    top = -0.95
    pitch = rng.uniform(0.12, 0.16)
    taper = np.clip((top + length - u) / rng.uniform(0.4, 0.7), 0.02, 1)
    smooth = top + length * rng.choice([0.16, 0.4])
    wave = np.abs((u / pitch + 0.30 * v / body) % 1 - 0.5) * 2
    crest = body * taper * (1.25 - 0.55 * np.minimum(wave * 1.7, 1))
    radius = np.where(u > smooth, crest, body * taper * 0.92)
    shank = _rod(u, v, start=top, end=top + length, radius=radius)
    wide = body * rng.uniform(2.1, 2.5)
    if rng.random() < 0.6:
        # Countersunk: a cone that widens to a flat top.
        cone = np.clip(wide - (u - top - 0.04) * 1.05, 0.001, wide)
        head = _rod(u, v, start=top, end=top + 0.04 + (wide - body) / 1.05, radius=cone)
    else:
        # Round: half a ball.
        depth = wide * 0.72
        bulge = wide * np.sqrt(np.clip(1 - ((u - top - depth) / depth) ** 2, 0.001, 1))
        head = _rod(u, v, start=top, end=top + depth, radius=bulge)
    return np.maximum(shank, head)


def _key(u: Array, v: Array, rng: np.random.Generator) -> Array:
    thick, bow = rng.uniform(0.10, 0.14), rng.uniform(0.34, 0.40)
    ring = np.hypot(u + 0.58, v)
    height = np.minimum(thick, (bow - ring) * 4)
    height = np.where(ring < bow * rng.uniform(0.4, 0.55), _OUTSIDE, height)
    blade = np.minimum(thick, np.minimum(0.11 - np.abs(v), 0.95 - np.abs(u)) * 4)
    height = np.maximum(height, np.where(u > -0.3, blade, _OUTSIDE))
    # The bit: teeth of different lengths on one side near the tip.
    for place in (0.45, 0.62, 0.80):
        reach = rng.uniform(0.16, 0.30)
        inside = np.minimum(0.065 - np.abs(u - place), np.minimum(v, 0.11 + reach - v))
        height = np.maximum(height, np.where(inside > 0, np.minimum(thick, inside * 4), _OUTSIDE))
    return np.asarray(height, np.float32)


SHAPES: dict[str, Callable[[Array, Array, np.random.Generator], Array]] = {
    "bolt": _bolt,
    "nut": _nut,
    "screw": _screw,
    "washer": _washer,
}
PLANTED_SHAPES: dict[str, Callable[[Array, Array, np.random.Generator], Array]] = {
    "key": _key,
    "plain washer": functools.partial(_washer, is_plain=True),
}
"""Shapes for samples with planted faults: one that is of no class, and a washer that has no teeth."""
