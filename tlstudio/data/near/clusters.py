"""Finds clusters of near-duplicates among small grey copies of pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tlstudio.data.near.candidates import candidate_pairs

FLAT = 4.0
"""Standard deviation of grey values up to which a picture shows too little to be recognised by."""
SAME, SAME_DETAIL = 0.93, 0.955
"""Least correlations of all and of fine detail. Of photos of three sets saved again at quality 40, at half
the size, cut by 2 % at each edge or turned by 2 degrees, 95 in 100 reach .95 and .96; two pairs of shoes, of
trousers and of shirts photographed on the same ground .97 and .94, two round cells .98 and .93."""
LEAST_SHARPNESS, SAME_BLURRED = 0.3, 0.99
"""Least correlation of fine detail where neither picture is sharper. Little of it is lost when they are saved
again, so most copies reach .995; two handwritten zeros enlarged from 8 × 8 pixels reach .985."""


def near_pairs(looks: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Find pairs of near-duplicates.

    Args:
        looks: Grey pictures [N, S, S]; see `look_of`.

    Returns:
        Pairs of indices [P, 2], the smaller one first.
    """
    shows = np.flatnonzero([look.std() > FLAT for look in looks])
    if len(shows) < 2:
        return np.zeros((0, 2), dtype=np.int64)
    seen = looks[shows]
    pairs = candidate_pairs(seen)
    if not len(pairs):
        return pairs
    from tlstudio.data.near.registration import agreements, sharpness  # needs scipy, which takes a moment

    of_all, of_detail = agreements(seen, pairs)
    is_blurred = (sharpness(seen) < LEAST_SHARPNESS)[pairs].all(axis=1)
    least = np.where(is_blurred, SAME_BLURRED, SAME_DETAIL)
    return shows[pairs[(of_all >= SAME) & (of_detail >= least)]]


def clusters_of(pairs: NDArray[np.int64], *, number: int) -> list[list[int]]:
    """Join pairs to clusters.

    Args:
        pairs: Of indices [P, 2].
        number: N, of all pictures.

    Returns:
        The members of each cluster of two and more, sorted.
    """
    if not len(pairs):
        return []
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ties = coo_array((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(number, number))
    _, component = connected_components(ties, directed=False)
    order = np.argsort(component, kind="stable")
    starts = np.flatnonzero(np.diff(component[order])) + 1
    return [part.tolist() for part in np.split(order, starts) if len(part) > 1]
