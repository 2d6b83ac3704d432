"""Notes the images of a run by their content.

By those that it learns from it can be told, when it is evaluated on others, which it has seen. By those that
it is tested on two runs are compared on the same images.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit
from tlstudio.core.types import Preprocessing, SplitName
from tlstudio.data.near_hash import near_hash
from tlstudio.features.images import RunImage
from tlstudio.features.near_hashes import hash_files
from tlstudio.project.run_images import SIDES, TEST_SIDE, KnownImage, read_known_images, write_known_images
from tlstudio.project.runs import RunFolder
from tlstudio.training.run.preparation import Preparation

MOST_REMEMBERED = 50_000
_remembered: dict[tuple[Preprocessing, str], str] = {}
"""Near hashes of the images that this process has looked at, by preprocessing and SHA-256."""


def note_images(run: RunFolder, preparation: Preparation, *, more: Sequence[RunImage] = ()) -> None:
    """Write `images.csv` and `test-images.csv`, the hashes of a run's files, unless they are there already.

    Args:
        run: Folder of the run.
        preparation: Its images.
        more: Further images that it learns from with their labels.
    """
    if not run.test_images.exists():
        write_known_images(run.test_images, _by_file(preparation, TEST_SIDE))
    if not run.images.exists():
        train = (KnownImage(path=each.path, split="train", sha256=each.sha256, near_hash="") for each in more)
        write_known_images(run.images, [*_by_file(preparation, SIDES), *train])


def note_near_hashes(
    run: RunFolder,
    preparation: Preparation,
    *,
    more: Sequence[RunImage] = (),
    preprocessing: Preprocessing,
    emit: Emit,
    control: Control,
) -> None:
    """Add to `images.csv` what the pictures look like, unless it says so already.

    Args:
        run: Folder of the run, with `images.csv`; a damaged one stays as it is.
        preparation: As for `note_images`.
        more: As for `note_images`.
        preprocessing: Of its classifier.
        emit: Receives progress.
        control: Checked once per image.

    Raises:
        Cancelled: The person cancelled.
    """
    try:
        known = read_known_images(run.images)
    except UserError:
        return  # said where the list is used
    if any(image.near_hash for image in known):
        return
    images = [image for side in SIDES for image in preparation.images[side]] + list(more)
    files = {image.sha256: image.file for image in images}
    new = {sha256: file for sha256, file in files.items() if (preprocessing, sha256) not in _remembered}
    if len(_remembered) + len(new) > MOST_REMEMBERED:
        _remembered.clear()
        new = files
    found = {}
    if new:
        hashes = hash_files(
            [(file, sha256) for sha256, file in new.items()],
            near_hash,
            nothing="",
            preprocessing=preprocessing,
            run_id=run.path.name,
            emit=emit,
            control=control,
        )
        found = dict(zip(new, hashes, strict=True))
    # A file that could not be read may be readable the next time.
    _remembered.update({(preprocessing, sha256): near for sha256, near in found.items() if near})
    near = {sha256: found.get(sha256) or _remembered.get((preprocessing, sha256), "") for sha256 in files}
    write_known_images(run.images, [replace(image, near_hash=near.get(image.sha256, "")) for image in known])


def _by_file(preparation: Preparation, sides: Sequence[SplitName]) -> list[KnownImage]:
    return [
        KnownImage(path=image.path, split=side, sha256=image.sha256, near_hash="")
        for side in sides
        for image in preparation.images[side]
    ]
