"""Notes the images of a run by their content.

By those that it learns from it can be told, when it is evaluated on others, which it has seen. By those that
it is tested on two runs are compared on the same images.
"""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.core.control import Control
from tlstudio.core.events import Emit
from tlstudio.core.types import Preprocessing
from tlstudio.data.near_hash import near_hash
from tlstudio.features.images import RunImage
from tlstudio.features.near_hashes import hash_files
from tlstudio.project.run_images import SIDES, TEST_SIDE, KnownImage, write_known_images
from tlstudio.project.runs import RunFolder
from tlstudio.training.run.preparation import Preparation

MOST_REMEMBERED = 50_000
_remembered: dict[tuple[Preprocessing, str], str] = {}
"""Near hashes of the images that this process has looked at, by preprocessing and SHA-256."""


def note_images(
    run: RunFolder,
    preparation: Preparation,
    *,
    more: Sequence[RunImage] = (),
    preprocessing: Preprocessing,
    emit: Emit,
    control: Control,
) -> None:
    """Write `images.csv` and `test-images.csv`, the hashes of a run's images, unless they are there already.

    Args:
        run: Folder of the run.
        preparation: Its images.
        more: Further images that it learns from with their labels.
        preprocessing: Of its classifier.
        emit: Receives progress.
        control: Checked once per image.

    Raises:
        Cancelled: The person cancelled.
    """
    if not run.test_images.exists():
        write_known_images(
            run.test_images,
            [
                KnownImage(path=image.path, split=side, sha256=image.sha256, near_hash="")
                for side in TEST_SIDE
                for image in preparation.images[side]
            ],
        )
    if run.images.exists():
        return
    images = [(side, image) for side in SIDES for image in preparation.images[side]]
    images += [("train", image) for image in more]
    new = {
        image.sha256: image.file for _, image in images if (preprocessing, image.sha256) not in _remembered
    }
    if len(_remembered) + len(new) > MOST_REMEMBERED:
        _remembered.clear()
        new = {image.sha256: image.file for _, image in images}
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
    write_known_images(
        run.images,
        [
            KnownImage(
                path=image.path,
                split=side,
                sha256=image.sha256,
                near_hash=found.get(image.sha256) or _remembered.get((preprocessing, image.sha256), ""),
            )
            for side, image in images
        ],
    )
