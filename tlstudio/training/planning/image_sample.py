"""A sample of a run's images, for measuring: which ones, how large they are, and how long decoding takes."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

from tlstudio.core.control import Control
from tlstudio.core.types import Preprocessing, SplitName
from tlstudio.features.decoded_inputs import InputCache
from tlstudio.features.images import RunImage, read_ahead
from tlstudio.features.views import View

MOST_LOOKED_UP = 300
"""Number of images looked up in the cache; the others are assumed to be like them."""
MOST_DECODED = 32
MOST_DECODED_PIXELS = 80e6
"""Pixels of all images decoded here together; at least two images are."""


class ImageSample:
    """A random sample of the images of a run, always the same for the same run.

    Args:
        images: Images of each split.
        pixels: Pixels of each image, by path; 0 where unknown.
        preprocessing: Preprocessing of the classifier.
        threads: Decoding threads.
        control: Checked once per image.
        clock: Seconds.

    Attributes:
        learned: Sample of the training and validation images.
        test: Sample of the test images.
        learned_count: Number of all training and validation images.
    """

    def __init__(
        self,
        images: Mapping[SplitName, Sequence[RunImage]],
        *,
        pixels: Mapping[str, int],
        preprocessing: Preprocessing,
        threads: int,
        control: Control,
        clock: Callable[[], float],
    ) -> None:
        self._pixels = pixels
        self._preprocessing = preprocessing
        self._threads = threads
        self._control = control
        self._clock = clock
        self._test_count = len(images["test"])
        chance = random.Random(0)
        learned = [*images["train"], *images["validation"]]
        self.learned = chance.sample(learned, min(len(learned), MOST_LOOKED_UP))
        self.test = chance.sample(list(images["test"]), min(self._test_count, MOST_LOOKED_UP))
        self.learned_count = len(learned)
        train_hashes = {image.sha256 for image in images["train"]}
        self._validation_hashes = {image.sha256 for image in images["validation"]} - train_hashes

    def is_validation(self, image: RunImage) -> bool:
        """Return whether an image is used for validation only."""
        return image.sha256 in self._validation_hashes

    def keys(self, images: Sequence[RunImage], views: Sequence[View]) -> list[str]:
        """Cache keys of what the run needs of these images; of validation images the plain view only."""
        return [
            f"{image.sha256}/{view.id}"
            for image in images
            for view in (views[:1] if self.is_validation(image) else views)
        ]

    def decode(self, cache: InputCache) -> tuple[list[RunImage], float, float]:
        """Decode a few images that the cache does not hold.

        Args:
            cache: Cached decoded inputs; receives those decoded here.

        Returns:
            The images of `learned` that are still to be decoded, the seconds that decoding all such images of
            the run will take, and the seconds for the test images.
        """
        unknown = [image for image in self.learned if image.sha256 not in cache]
        unknown_test = [image for image in self.test if image.sha256 not in cache]
        chosen, seconds_per_pixel = self._decode_some(unknown or unknown_test, cache)
        left = [image for image in unknown if image not in chosen]
        seconds = seconds_per_pixel * self._all_pixels(left, sample=self.learned, count=self.learned_count)
        test_seconds = seconds_per_pixel * self._all_pixels(
            unknown_test, sample=self.test, count=self._test_count
        )
        return left, seconds, test_seconds

    def _decode_some(self, images: Sequence[RunImage], cache: InputCache) -> tuple[list[RunImage], float]:
        """Decode a few images; returns which, and the seconds per pixel."""
        chosen: list[RunImage] = []
        total = 0.0
        for image in images[: MOST_DECODED + 1]:
            if len(chosen) > 2 and total > MOST_DECODED_PIXELS:
                break
            chosen.append(image)
            total += self._pixel_count([image])
        if len(chosen) > 2:  # the first loads libraries and starts threads
            self._read(chosen[:1], cache)
        timed = chosen[1:] if len(chosen) > 2 else chosen
        started = self._clock()
        self._read(timed, cache)
        seconds = self._clock() - started
        return chosen, seconds / max(1.0, self._pixel_count(timed))

    def _read(self, images: Sequence[RunImage], cache: InputCache) -> None:
        files = [(image.file, image.sha256) for image in images]
        for _ in read_ahead(files, preprocessing=self._preprocessing, threads=self._threads, cache=cache):
            self._control.check()

    def _pixel_count(self, images: Sequence[RunImage]) -> float:
        return float(sum(max(1, self._pixels.get(image.path, 1)) for image in images))

    def _all_pixels(self, images: Sequence[RunImage], *, sample: Sequence[RunImage], count: int) -> float:
        """Estimated pixels of `count` images, from those of `sample`."""
        return self._pixel_count(images) * count / max(1, len(sample))


def repeated(images: Sequence[RunImage], count: int) -> tuple[RunImage, ...]:
    """Exactly `count` images: all in turn, from the first again after the last."""
    return tuple(images[number % len(images)] for number in range(count))
