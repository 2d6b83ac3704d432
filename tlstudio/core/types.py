"""Plain values that several layers share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from tlstudio.core.typed_values import read_dataclass
from tlstudio.core.values import ValueWindow

SplitName = Literal["train", "validation", "test"]
SPLIT_NAMES: tuple[SplitName, ...] = ("train", "validation", "test")
SPLIT_WORDS: dict[str, str] = {"train": "train", "validation": "check", "test": "test"}
"""Names of the three parts as people read them; files and flags use the keys."""
SPLIT_USES: dict[SplitName, str] = {"train": "training", "validation": "checking", "test": "testing"}
"""The purpose of each part, for sentences such as "20 for training"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemFile:
    """A file that is not used, with the reason and what the person can do about it.

    Attributes:
        path: Relative to the root of its source.
        code: Short constant, e.g. "truncated", "not-an-image", "needs-extra".
        reason: One plain sentence.
        mend: One plain sentence.
    """

    path: str
    code: str
    reason: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Division of the labelled images into train, validation and test.

    Attributes:
        assignment: Path to split name; every labelled image is in it.
        seed: Seed of the random draw.
        validation_fraction: The wanted fraction.
        test_fraction: The wanted fraction.
        notes: Sentences for the person, e.g. about a class too small to be tested.
    """

    assignment: Mapping[str, SplitName]
    seed: int
    validation_fraction: float
    test_fraction: float
    notes: tuple[str, ...] = ()

    def paths(self, name: SplitName) -> list[str]:
        """The paths of one side, sorted."""
        return sorted(path for path, side in self.assignment.items() if side == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preprocessing:
    """Settings that turn a decoded RGB image into the backbone's input; they come with the weights.

    Resize the shorter side to `resize_size` ("crop") or the longer to `input_size` ("pad"), then take the
    centre or pad with `mean` to `input_size` square, then (value / 255 - mean) / std per channel.

    Attributes:
        input_size: Side of the square that enters the backbone, in pixels.
        resize_size: Shorter side after resizing, in pixels; used by "crop".
        interpolation: Always antialiased.
        mean: Per channel R, G, B on the 0–1 scale.
        std: Per channel R, G, B on the 0–1 scale.
        fit: "crop" cuts what overlaps, "pad" keeps the whole image.
        values: Windows of values for images with more than 8 bits or with channels of their own, one for each
            layout; None scales each such image as versions did that had none. Ordinary images stay as they
            are.
    """

    input_size: int = 224
    resize_size: int = 256
    interpolation: Literal["bicubic", "bilinear"] = "bicubic"
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    fit: Literal["crop", "pad"] = "crop"
    values: tuple[ValueWindow, ...] | None = None

    def as_values(self) -> dict[str, Any]:
        """Return plain values, for files and keys of caches; without windows as in versions that had none."""
        values = asdict(self)
        if self.values is None:
            del values["values"]
        return values


STORED_ALWAYS = frozenset({"input_size", "resize_size", "interpolation", "mean", "std", "fit"})
"""Fields that every version wrote."""
LARGEST_INPUT = 4096
"""Largest side of an input that a stored preprocessing may have, in pixels."""


def preprocessing_from_values(values: Any) -> Preprocessing:
    """Read a preprocessing that was stored as plain values.

    Raises:
        ValueError: They are damaged.
    """
    preprocessing = read_dataclass(Preprocessing, values)
    if not values.keys() >= STORED_ALWAYS:
        raise ValueError("settings are missing; those of another backbone may be different")
    sizes = (preprocessing.input_size, preprocessing.resize_size)
    if not all(1 <= size <= LARGEST_INPUT for size in sizes) or not all(std > 0 for std in preprocessing.std):
        raise ValueError("sizes or scales that no preprocessing has")
    return preprocessing


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A 95 % interval, as fractions."""

    low: float
    high: float

    @property
    def pair(self) -> tuple[float, float]:
        """Low and high end."""
        return self.low, self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity:
    """Comparison of the predictions of an exported file with the classifier's, on the same images.

    Attributes:
        n: Number of images compared.
        same_class: Number of images for which both predict the same class.
        max_abs_difference: Largest absolute difference of any probability or unknown score.
    """

    n: int
    same_class: int
    max_abs_difference: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictedImage:
    """The prediction for one file, or the reason why there is none.

    Attributes:
        path: The path that the caller gave.
        probabilities: Class name to probability; empty when `error` is set.
        error: Reason and mend, None without an error.
        columns: Of a model of several label columns: the probabilities by class of each, by its name, the
            first column included; empty for a model of one column.
        unknown: 0 familiar to 1 unlike anything that the model was taught; None where it does not say.
        ask: Whether the answer is left to a person because it is not sure enough, by label column; empty
            where the model has no threshold for it.
        named: The classes that the image may show, the most probable first, by label column; empty where
            the model promises nothing of them.
    """

    path: str
    probabilities: Mapping[str, float] = field(default_factory=dict)
    error: str | None = None
    columns: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    unknown: float | None = None
    ask: Mapping[str, bool] = field(default_factory=dict)
    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def class_name(self) -> str | None:
        """The most probable class, None without a prediction."""
        return max(self.probabilities, key=self.probabilities.__getitem__) if self.probabilities else None

    @property
    def probability(self) -> float | None:
        """The probability of the most probable class, None without a prediction."""
        return max(self.probabilities.values()) if self.probabilities else None
