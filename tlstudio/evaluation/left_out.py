"""The images that an evaluation on another folder leaves out: seen in training, or without a known class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tlstudio.data.near_hash import find_near, packed
from tlstudio.project.run_images import KnownImage


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """The images and files of a folder that do not count, by the reason.

    Attributes:
        same: Images whose very files the run learned from or was chosen by: path in the folder to the image.
        alike: Images that show the same picture as one of the run, saved in another way.
        unlabelled: Paths of images without a label.
        unknown: Class folders that the classifier does not know, with the paths of their images.
        unknown_further: The same by further label columns: the images count in the others.
        unusable: Number of files that cannot be used.
        compared: Number of images of the run that could be compared.
        known: Number of images that the run learned from or was chosen by.
        of_now: Whether their files were compared as they are now, because the run's list of them is missing.
    """

    same: Mapping[str, KnownImage] = field(default_factory=dict)
    alike: Mapping[str, KnownImage] = field(default_factory=dict)
    unlabelled: tuple[str, ...] = ()
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unknown_further: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    unusable: int = 0
    compared: int = 0
    known: int = 0
    of_now: bool = False

    @property
    def seen(self) -> Mapping[str, KnownImage]:
        """All images that had a part in the training."""
        return {**self.same, **self.alike}

    @property
    def counts(self) -> dict[str, int]:
        """The numbers as `"left_out"` of `tlstudio evaluate --json`."""
        return {
            "same_file": len(self.same),
            "same_picture": len(self.alike),
            "unlabelled": len(self.unlabelled),
            "unknown_class": sum(map(len, self.unknown.values())),
            "unusable": self.unusable,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An image that might have had a part in the training.

    Attributes:
        path: In the folder that is evaluated.
        sha256: Of the file's bytes.
        near_hashes: See `turned_hashes`.
    """

    path: str
    sha256: str
    near_hashes: tuple[str, ...]


def find_seen(
    candidates: Sequence[Candidate], known: Sequence[KnownImage]
) -> tuple[dict[str, KnownImage], dict[str, KnownImage]]:
    """Find the images that had a part in a training.

    Args:
        candidates: Images of a folder.
        known: Those of the training.

    Returns:
        The same files, and the same pictures in other files: path of the candidate to the image of the run.
    """
    by_content = {image.sha256: image for image in known}
    looks = [image for image in known if image.near_hash]
    hashes = packed([image.near_hash for image in looks]) if looks else np.empty((0, 4), dtype=np.uint64)
    same: dict[str, KnownImage] = {}
    alike: dict[str, KnownImage] = {}
    for candidate in candidates:
        if candidate.sha256 in by_content:
            same[candidate.path] = by_content[candidate.sha256]
        elif (index := find_near(candidate.near_hashes, hashes)) is not None:
            alike[candidate.path] = looks[index]
    return same, alike
