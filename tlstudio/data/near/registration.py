"""Lays one picture over another as well as it can be, to see whether both show the same.

Inverse compositional image alignment (Baker and Matthews 2004, "Lucas-Kanade 20 Years On") by an affine map,
for many pairs at once. What remains after the best small shift, turn and stretch is compared by correlation,
once for all and once for fine detail, so that brightness and contrast do not count.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

Values = NDArray[np.float32]

STEPS = 6
"""Steps at half the size, and again at the full size."""
WORTH_A_LOOK = 0.7
"""Least correlation at half the size for going on."""
EDGE = 1 / 12
"""Share at each edge that is not compared: a copy that was cut has none of it."""
AT_ONCE = 512
MOST_TURN, MOST_SHIFT = 0.12, 0.16
"""Largest turn or stretch, as a share (7 degrees), and largest shift, in halves of the picture: what is
further off is another picture that happens to fit."""
FINEST, COARSE = 0.7, 4.0
"""Sigmas in pixels between which detail counts as fine."""
SHARPEST, SHARP = 0.3, 1.2
"""Sigmas in pixels between which detail is there only in a picture that is not blurred or enlarged."""


def agreements(looks: NDArray[np.uint8], pairs: NDArray[np.int64]) -> tuple[Values, Values]:
    """Correlate pairs of pictures laid over each other.

    Args:
        looks: Grey pictures [N, S, S], S even.
        pairs: Pairs of indices [P, 2].

    Returns:
        Correlation of all, and of fine detail alone: [P] each, -1 where they could not be laid over each
        other.
    """
    of_all = np.full(len(pairs), -1, dtype=np.float32)
    of_detail = of_all.copy()
    for start in range(0, len(pairs), AT_ONCE):
        rows = np.arange(start, min(start + AT_ONCE, len(pairs)))
        still, moved = (_scaled(looks[pairs[rows, side]]) for side in (0, 1))
        as_it_is = np.tile(np.eye(3, dtype=np.float32), (len(rows), 1, 1))
        maps, fit = _laid_over(_halved(still), _halved(moved), as_it_is)
        good = (fit >= WORTH_A_LOOK) & _is_near(maps)
        if not good.any():
            continue
        rows, still, moved = rows[good], still[good], moved[good]
        maps, _ = _laid_over(still, moved, maps[good])
        good = _is_near(maps)
        if not good.any():
            continue
        rows, still, moved, maps = rows[good], still[good], moved[good], maps[good]
        of_all[rows] = _fit(still, moved, maps)
        of_detail[rows] = _fit(_fine(still), _fine(moved), maps)
    return of_all, of_detail


def sharpness(looks: NDArray[np.uint8]) -> Values:
    """Measure how much of their fine detail is sharp: [N], about .2 in pictures enlarged from 8 × 8 pixels.

    Args:
        looks: Grey pictures [N, S, S].
    """
    scaled, inner = _scaled(looks), _points(looks.shape[1])[0]
    sharp = _inside(_soft(scaled, SHARPEST) - _soft(scaled, SHARP), inner)
    share: Values = sharp.std(axis=1) / (_inside(_fine(scaled), inner).std(axis=1) + 1e-6)
    return share


def _laid_over(still: Values, moved: Values, maps: Values) -> tuple[Values, Values]:
    """Improve the maps from still to moved pictures: the maps, and the correlations with them."""
    still, moved = _soft(still, 1.0), _soft(moved, 1.0)
    inner, u, v = _points(still.shape[1])
    down, right = (_inside(np.gradient(still, axis=axis), inner) for axis in (1, 2))
    # Of the six numbers of an affine map, and of a change of brightness and contrast.
    template = _inside(still, inner)
    slopes = np.stack(
        [right * u, right * v, right, down * u, down * v, down, np.ones_like(right), template], axis=1
    )
    squares = slopes @ slopes.transpose(0, 2, 1) + 1e-3 * np.eye(8, dtype=np.float32)
    centre = (still.shape[1] - 1) / 2
    for _ in range(STEPS):
        miss = _sampled(moved, maps, u, v) - template
        change = np.linalg.solve(squares, slopes @ miss[:, :, None])[:, :6, 0].reshape(-1, 2, 3)
        step = np.tile(np.eye(3, dtype=np.float32), (len(maps), 1, 1))
        step[:, :2] += np.clip(change / centre, -0.2, 0.2)
        maps = np.clip(maps @ np.linalg.inv(step), -2, 2)
    return maps, _correlations(template, _sampled(moved, maps, u, v))


def _is_near(maps: Values) -> NDArray[np.bool_]:
    off = np.abs(maps - np.eye(3, dtype=np.float32))
    near: NDArray[np.bool_] = off[:, :2, :2].max(axis=(1, 2)) <= MOST_TURN
    near &= off[:, :2, 2].max(axis=1) <= MOST_SHIFT
    return near


def _fit(still: Values, moved: Values, maps: Values) -> Values:
    inner, u, v = _points(still.shape[1])
    return _correlations(_inside(still, inner), _sampled(moved, maps, u, v))


def _points(side: int) -> tuple[slice, Values, Values]:
    """The inner part of a picture, and its points from -1 to 1, across and down."""
    margin = round(side * EDGE)
    inner, centre = slice(margin, side - margin), (side - 1) / 2
    down, across = ((axis[inner, inner].ravel() - centre) / centre for axis in np.mgrid[:side, :side])
    return inner, across.astype(np.float32), down.astype(np.float32)


def _inside(values: Any, inner: slice) -> Values:
    part: Values = values[:, inner, inner]
    return part.reshape(len(values), -1)


def _scaled(looks: NDArray[np.uint8]) -> Values:
    values = looks.astype(np.float32)
    values -= values.mean(axis=(1, 2), keepdims=True)
    scaled: Values = values / (values.std(axis=(1, 2), keepdims=True) + 1e-3)
    return scaled


def _halved(values: Values) -> Values:
    number, side, _ = values.shape
    halved: Values = values.reshape(number, side // 2, 2, side // 2, 2).mean(axis=(2, 4))
    return halved


def _soft(values: Values, sigma: float) -> Values:
    soft: Values = gaussian_filter1d(gaussian_filter1d(values, sigma, axis=1), sigma, axis=2)
    return soft


def _fine(values: Values) -> Values:
    return _soft(values, FINEST) - _soft(values, COARSE)


def _sampled(values: Values, maps: Values, u: Values, v: Values) -> Values:
    """Values [N, P] at the places to which the maps bring P points, between pixels in proportion."""
    number, side, _ = values.shape
    centre = (side - 1) / 2
    x, y = (
        np.clip((maps[:, row, :2] @ np.stack([u, v]) + maps[:, row, 2:]) * centre + centre, 0, side - 1.001)
        for row in (0, 1)
    )
    left, top = x.astype(np.int32), y.astype(np.int32)
    x -= left
    y -= top
    flat = values.ravel()
    place = top * side + left + np.arange(number)[:, None] * side * side
    upper: Values = flat[place]
    lower: Values = flat[place + side]
    upper += x * (flat[place + 1] - upper)
    lower += x * (flat[place + side + 1] - lower)
    upper += y * (lower - upper)
    return upper


def _correlations(first: Values, second: Values) -> Values:
    first = first - first.mean(axis=1, keepdims=True)
    second = second - second.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1) + 1e-6
    found: Values = np.einsum("np,np->n", first, second) / lengths
    return found
