"""Finds pairs of pictures that may be near-duplicates, in time that grows little faster than their number.

Locality-sensitive hashing (Charikar 2002, "Similarity Estimation Techniques from Rounding Algorithms") with
several probes (Lv et al. 2007, "Multi-Probe LSH"). Each table cuts the space of low frequencies by random
planes, one bit each; pictures on the same side of all planes share a bucket. A picture is also looked up on
the other side of the planes that it lies nearest to. Of a full bucket only its next neighbours along one
direction are taken, so that many pictures of one kind do not make it quadratic.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LOWEST = 8
"""Frequencies each way; of them those whose sum is below this: a shift or a turn changes them little."""
TABLES = 12
PROBES = 4
"""Planes nearest to a picture whose other side is looked up, too."""
NEIGHBOURS = 2
"""Neighbours each way in a bucket."""
FEWEST_BITS, MOST_BITS = 4, 24
ALIKE = 0.72
"""Least cosine of low frequencies, each in units of its spread. Of copies turned by 2 degrees it is .78 and
more in 95 of 100, of copies cut by 2 % .96, of different photos .5 in one of 100."""


def candidate_pairs(looks: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Find pairs that may be near-duplicates.

    Args:
        looks: Grey pictures [N, S, S].

    Returns:
        Pairs of indices [P, 2], the smaller one first, sorted, each once.
    """
    number = len(looks)
    if number < 2:
        return np.zeros((0, 2), dtype=np.int64)
    points = _low_frequencies(looks)
    rng = np.random.default_rng(0)  # a search that is repeated finds the same
    bits = int(np.clip(np.ceil(np.log2(number)), FEWEST_BITS, MOST_BITS))
    found = np.concatenate([_of_one_table(points, bits=bits, rng=rng) for _ in range(TABLES)])
    codes = np.unique(found)
    return np.stack([codes // number, codes % number], axis=1)


def _low_frequencies(looks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Directions of the low frequencies, each in units of its spread: [N, F], of length 1."""
    row, column = np.mgrid[:LOWEST, :LOWEST]
    waves = _waves(looks.shape[1])
    chosen = (row + column > 0) & (row + column < LOWEST)
    parts = [
        (waves @ part.astype(np.float32) @ waves.T)[:, chosen]
        for part in np.array_split(looks, len(looks) // 4096 + 1)
    ]
    values = np.concatenate(parts).astype(np.float32)
    values /= np.linalg.norm(values, axis=1, keepdims=True) + 1e-6  # contrast does not count
    values -= values.mean(axis=0)
    values /= values.std(axis=0) + 1e-6
    values /= np.linalg.norm(values, axis=1, keepdims=True) + 1e-6
    return values


def _waves(side: int) -> NDArray[np.float32]:
    """The lowest waves of the discrete cosine transform (DCT-II, orthonormal): [LOWEST, side]."""
    wave, place = np.mgrid[:LOWEST, :side]
    waves: NDArray[np.float64] = np.sqrt(2 / side) * np.cos(np.pi * wave * (2 * place + 1) / (2 * side))
    waves[0] /= np.sqrt(2)
    return waves.astype(np.float32)


def _of_one_table(points: NDArray[np.float32], *, bits: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Pairs of one table that are alike, each as the smaller index times N plus the larger."""
    number = len(points)
    distances = points @ rng.normal(size=(points.shape[1], bits)).astype(np.float32)
    weights = 1 << np.arange(bits, dtype=np.int64)
    keys = (distances > 0) @ weights
    direction = rng.normal(size=(points.shape[1], 1)).astype(np.float32)
    along = np.argsort(np.argsort((points @ direction)[:, 0]))
    places = keys * number + along
    order = np.argsort(places)
    ordered_keys, ordered_places = keys[order], places[order]
    nearest = np.argsort(np.abs(distances), axis=1)[:, : min(PROBES, bits)]
    found = []
    for probe in range(-1, nearest.shape[1]):
        looked_up = keys if probe < 0 else keys ^ weights[nearest[:, probe]]
        start = np.searchsorted(ordered_places, looked_up * number + along)
        for step in range(-NEIGHBOURS, NEIGHBOURS + 1):
            place = start + step
            inside = (place >= 0) & (place < number)
            place = np.clip(place, 0, number - 1)
            hit = inside & (ordered_keys[place] == looked_up)
            first, second = hit.nonzero()[0], order[place[hit]]
            alike = np.einsum("nf,nf->n", points[first], points[second]) >= ALIKE
            first, second = (side[alike & (first != second)] for side in (first, second))
            found.append(np.minimum(first, second) * number + np.maximum(first, second))
    return np.concatenate(found)
