"""Content of the images that a run was tested on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.files import sha256_of
from tlstudio.project.images_root import find_images_root
from tlstudio.project.run_images import TEST_SIDE, read_known_images
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import Recipe


def read_tested_images(
    run: RunFolder, recipe: Recipe, paths: Sequence[str], *, images_root: Path | None, control: Control
) -> dict[str, str]:
    """The SHA-256 of test images by path: as the run noted it, or of the files of a run that noted none.

    Args:
        run: Which run.
        recipe: Of the run.
        paths: Of the images.
        images_root: Where they may be, if they are not where the run says.
        control: Checked once per file.

    Returns:
        Without those that are not noted and not there.

    Raises:
        UserError: The run's list is damaged.
        Cancelled: The person cancelled.
    """
    if run.test_images.exists():
        noted = {image.path: image.sha256 for image in read_known_images(run.test_images, sides=TEST_SIDE)}
        return {path: noted[path] for path in paths if path in noted}
    places, found = list(_places(run, recipe, paths, images_root=images_root)), {}
    for path in paths:
        control.check()
        file = next((place / path for place in places if (place / path).is_file()), None)
        with suppress(OSError):
            if file is not None:
                found[path] = sha256_of(file)
    return found


def _places(
    run: RunFolder, recipe: Recipe, paths: Sequence[str], *, images_root: Path | None
) -> Iterator[Path]:
    with suppress(UserError):
        own = find_images_root(run, recipe, paths=paths)
        if own is not None:
            yield own
    if images_root is not None:
        yield images_root
