"""Finds training images that were cut a little: their hashes differ, but laid over each other they agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tlstudio.core.control import Control
from tlstudio.core.events import Emit
from tlstudio.core.types import Preprocessing
from tlstudio.data.near.clusters import near_pairs
from tlstudio.data.near.colours import colours_of, have_same_colours
from tlstudio.data.near_hash import MOST_BITS, MOST_BITS_OF_CUT, differing_bits
from tlstudio.features.images import RunImage
from tlstudio.features.looks import LookStore, make_missing_looks
from tlstudio.features.near_hashes import hash_files
from tlstudio.project.run_images import KnownImage


def find_cut_copies(
    images: Sequence[RunImage],
    known: Sequence[KnownImage],
    *,
    hashes: Mapping[str, Sequence[str]],
    known_files: Mapping[str, Path],
    preprocessing: Preprocessing,
    run_id: str,
    emit: Emit,
    control: Control,
) -> dict[str, KnownImage]:
    """Lay images over those of a training.

    Args:
        images: That were not recognised by their hashes.
        known: Images of the training. They are compared by their looks, which are kept when they are scanned;
            those that were forgotten are made again where the files are still there.
        hashes: See `turned_hashes`, by path of `images`. Pictures that agree when they are laid over each
            other must come close by these, too: on one ground, two objects of one form agree.
        known_files: Files of images of the training, by SHA-256; those that were changed are passed over.
        preprocessing: Of the classifier.
        run_id: Written into events.
        emit: Receives progress, where looks are made.
        control: Checked once per image.

    Returns:
        Path of the image to that of the training.

    Raises:
        Cancelled: The person cancelled.
    """
    if not images:
        return {}
    store = LookStore()
    files = [(image.file, image.sha256) for image in images]
    files += [(known_files[image.sha256], image.sha256) for image in known if image.sha256 in known_files]
    make_missing_looks(store, files, run_id=run_id, emit=emit, control=control)
    gone = store.missing({image.sha256 for image in images} | {image.sha256 for image in known})
    seen = [image for image in known if image.sha256 not in gone]
    shown = [image for image in images if image.sha256 not in gone]
    if not seen or not shown:
        return {}
    first = len(seen)
    pairs = near_pairs(store.greys([*(image.sha256 for image in seen), *(image.sha256 for image in shown)]))
    # Where pictures of the training agree that are no copies, such as solar cells, copies must be nearer.
    within = [
        differing_bits([seen[one].near_hash], seen[two].near_hash)
        for one, two in pairs[pairs[:, 1] < first].tolist()
        if seen[one].near_hash
    ]
    most = min([MOST_BITS_OF_CUT, *(bits - 1 for bits in within if bits > MOST_BITS)])
    alike = [
        (shown[two - first], seen[one])
        for one, two in pairs[(pairs[:, 0] < first) & (pairs[:, 1] >= first)].tolist()
        if differing_bits(hashes[shown[two - first].path], seen[one].near_hash) <= most
    ]
    if not alike:
        return {}
    nothing: NDArray[np.float32] | None = None
    colours = hash_files(
        [
            *((image.file, image.sha256) for image, _ in alike),
            *((known_files.get(one.sha256, Path(one.path)), one.sha256) for _, one in alike),
        ],
        colours_of,
        nothing=nothing,
        preprocessing=preprocessing,
        run_id=run_id,
        emit=emit,
        control=control,
    )
    of_all = list(colours)
    return {
        image.path: one
        for (image, one), mine, its in zip(alike, of_all, of_all[len(alike) :], strict=False)
        if mine is not None and its is not None and have_same_colours(mine, its)
    }
