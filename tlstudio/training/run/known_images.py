"""Notes which images a run learns from, so that they are recognised when it is evaluated on others."""

from __future__ import annotations

from tlstudio.core.control import Control
from tlstudio.core.events import Emit
from tlstudio.core.types import Preprocessing
from tlstudio.data.near_hash import near_hash
from tlstudio.features.near_hashes import hash_files
from tlstudio.project.run_images import SIDES, KnownImage, write_known_images
from tlstudio.project.runs import RunFolder
from tlstudio.training.run.preparation import Preparation


def note_images(
    run: RunFolder, preparation: Preparation, *, preprocessing: Preprocessing, emit: Emit, control: Control
) -> None:
    """Write `images.csv` with the hashes of the training and validation images, unless it is there already.

    Args:
        run: Folder of the run.
        preparation: Its images.
        preprocessing: Of its classifier.
        emit: Receives progress.
        control: Checked once per image.

    Raises:
        Cancelled: The person cancelled.
    """
    if run.images.exists():
        return
    images = [(side, image) for side in SIDES for image in preparation.images[side]]
    hashes = hash_files(
        [(image.file, image.sha256) for _, image in images],
        near_hash,
        nothing="",
        preprocessing=preprocessing,
        run_id=run.path.name,
        emit=emit,
        control=control,
    )
    write_known_images(
        run.images,
        [
            KnownImage(path=image.path, split=side, sha256=image.sha256, near_hash=found)
            for (side, image), found in zip(images, hashes, strict=True)
        ],
    )
