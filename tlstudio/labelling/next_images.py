"""Chooses the images to label next, so that few labels teach much.

With few labels a head knows too little to say what it does not know, so the first images are those in the
middle of clusters that have no label yet (Hacohen et al. 2022, "Active Learning on a Budget: Opposite
Strategies Suit High and Low Budgets"). Later ones are those between two classes, of which each round takes
different ones (Zhdanov 2019, "Diverse mini-batch Active Learning").
"""

from __future__ import annotations

from collections.abc import Sequence
from warnings import catch_warnings, simplefilter

import numpy as np
import torch
from numpy.typing import NDArray

from tlstudio.compute.device import one_thread
from tlstudio.labelling.head import LabellingHead

FEW_PER_CLASS = 5
"""Labels per class below which images come from the middle of clusters."""
MOST_CLUSTERED = 3000
"""Images among which clusters are looked for; of more, a sample."""
UNCERTAIN_PER_CHOSEN = 10
"""Uncertain images from which one is taken."""
AXES, ITERATIONS = 64, 3
"""Principal axes along which images are clustered, and steps to find them."""

Rows = NDArray[np.int64]


def useful_images(
    features: NDArray[np.float32],
    labels: NDArray[np.int64],
    *,
    near: Sequence[str | None],
    head: LabellingHead | None,
    number: int,
    seed: int = 0,
) -> Rows:
    """Choose the images whose labels would teach most.

    Args:
        features: float32 [N, F].
        labels: int64 [N], -1 for images without a label.
        near: Name of the cluster of near-duplicates that each image is in; None for most. A second image of
            a cluster is only chosen when no others are left.
        head: Fitted to the labelled images; None where they are of fewer than two classes.
        number: Images to choose.
        seed: Draws samples and first centres.

    Returns:
        Rows of at most `number` images without a label, the most useful first.
    """
    free = _one_of_each(labels, near)
    is_labelled = labels >= 0
    classes = len(np.unique(labels[is_labelled]))
    if len(free) <= number:
        repeated = np.setdiff1d(np.flatnonzero(~is_labelled), free)
        return np.concatenate([free, repeated[: number - len(free)]])
    if head is None or is_labelled.sum() < FEW_PER_CLASS * classes:
        return _middles(features, np.flatnonzero(is_labelled), free, number=number, seed=seed)
    ordered = np.sort(head.probabilities(features[free]), axis=1)
    doubt = 1 - (ordered[:, -1] - ordered[:, -2])
    most = np.argsort(-doubt, kind="stable")[: UNCERTAIN_PER_CHOSEN * number]
    return _spread(features[free[most]], doubt[most], number=number, seed=seed, rows=free[most])


def _one_of_each(labels: NDArray[np.int64], near: Sequence[str | None]) -> Rows:
    """Rows without a label: the first of each cluster of near-duplicates, of those that have no label."""
    seen = {name for name, label in zip(near, labels, strict=True) if name is not None and label >= 0}
    free = []
    for row, (name, label) in enumerate(zip(near, labels, strict=True)):
        if label < 0 and (name is None or name not in seen):
            free.append(row)
            if name is not None:
                seen.add(name)
    return np.array(free, dtype=np.int64)


def _middles(features: NDArray[np.float32], labelled: Rows, free: Rows, *, number: int, seed: int) -> Rows:
    """The middle images of the largest clusters without a labelled one."""
    rng = np.random.default_rng(seed)
    sample = free if len(free) <= MOST_CLUSTERED else np.sort(rng.choice(free, MOST_CLUSTERED, replace=False))
    rows = np.concatenate([labelled, sample])
    points = _along_axes(features[rows])
    middles, cluster_of = _clusters(points, np.ones(len(rows)), number=len(labelled) + number, seed=seed)
    taken = set(cluster_of[: len(labelled)].tolist())
    sizes = np.bincount(cluster_of, minlength=len(middles))
    open_clusters = [int(each) for each in np.argsort(-sizes, kind="stable") if each not in taken]
    is_free = np.arange(len(rows)) >= len(labelled)
    chosen: list[int] = []
    for cluster in open_clusters[:number]:
        members = np.flatnonzero((cluster_of == cluster) & is_free)
        if len(members):
            chosen.append(int(members[_distances(points[members], middles[cluster]).argmin()]))
    if len(chosen) < number:  # several labelled images in one cluster leave others without any
        far = _far_from(points, start=[*range(len(labelled)), *chosen], number=number - len(chosen))
        chosen += far
    return rows[np.array(chosen, dtype=np.int64)]


def _spread(
    features: NDArray[np.float32], doubt: NDArray[np.float32], *, number: int, seed: int, rows: Rows
) -> Rows:
    """One image of each cluster of doubtful ones, the most doubtful first."""
    points = _along_axes(features)
    middles, cluster_of = _clusters(points, doubt.astype(np.float64) + 1e-6, number=number, seed=seed)
    chosen = []
    for cluster, middle in enumerate(middles):
        members = np.flatnonzero(cluster_of == cluster)
        if len(members):
            chosen.append(int(members[_distances(points[members], middle).argmin()]))
    left = [row for row in range(len(rows)) if row not in set(chosen)]
    chosen += left[: number - len(chosen)]
    order = sorted(chosen, key=lambda row: -float(doubt[row]))
    return rows[np.array(order, dtype=np.int64)]


def _along_axes(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Directions of features in the space of their principal axes: [N, A], rows of length one or none.

    Found by randomised subspace iteration (Halko et al. 2011, SIAM Review 53:217). How the space is turned
    plays no part in distances.
    """
    directions = torch.from_numpy(features)
    directions = directions / directions.norm(dim=1, keepdim=True).clamp_min(1e-12)
    directions = directions - directions.mean(dim=0)
    axes = min(AXES, *directions.shape)
    start = np.random.default_rng(0).normal(size=(directions.shape[1], axes)).astype(np.float32)
    space = torch.from_numpy(start)
    with one_thread():
        for _ in range(ITERATIONS):
            space = torch.linalg.qr(directions.T @ (directions @ space)).Q
        points = directions @ space
    scaled: NDArray[np.float32] = (points / points.norm(dim=1, keepdim=True).clamp_min(1e-6)).numpy()
    return scaled


def _clusters(
    points: NDArray[np.float32], weights: NDArray[np.float64], *, number: int, seed: int
) -> tuple[NDArray[np.float32], Rows]:
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), catch_warnings():
        simplefilter("ignore", ConvergenceWarning)  # equal images make fewer clusters than were wanted
        found = KMeans(min(number, len(points)), n_init=1, random_state=seed).fit(
            points, sample_weight=weights
        )
    return found.cluster_centers_, found.labels_.astype(np.int64)


def _far_from(points: NDArray[np.float32], *, start: Sequence[int], number: int) -> list[int]:
    """Points that are farthest from those there are, one after the other."""
    away = np.full(len(points), np.inf)
    for row in start:
        away = np.minimum(away, _distances(points, points[row]))
    away[list(start)] = -1
    chosen = []
    for _ in range(number):
        row = int(away.argmax())
        if away[row] < 0:
            break
        chosen.append(row)
        away = np.minimum(away, _distances(points, points[row]))
        away[[*start, *chosen]] = -1
    return chosen


def _distances(points: NDArray[np.float32], middle: NDArray[np.float32]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = np.linalg.norm(points - middle, axis=1)
    return found
