"""Spec of the operation `related-images`."""

from __future__ import annotations

from pathlib import Path

from tlstudio.specs.arguments import OperationArguments
from tlstudio.specs.spec import OperationSpec


class RelatedImagesArguments(OperationArguments):
    """Arguments of `related-images`.

    Attributes:
        run: Folder of a run with a trained classifier.
        image: File of the image.
        images_root: Where the images of the run are now; without, where they were.
        against: Class that the one it names is compared with; without, the second most probable one.
        count: Images of each list, at most.
    """

    run: Path
    image: Path
    images_root: Path | None = None
    against: str | None = None
    count: int = 24


SPEC = OperationSpec(
    id="related-images",
    title="Looking for similar training images",
    summary="training images that are similar to an image, and those that decided about it",
    arguments=RelatedImagesArguments,
)
