"""Costs of the phases of a run, in seconds and bytes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Estimated cost of one phase; costs of several are added with `+`.

    Attributes:
        features_seconds: Seconds for reading images and computing frozen stages, for what is not cached.
        training_seconds: Seconds for everything else.
        seconds_per_epoch: Seconds of one epoch; None where there are no epochs to show.
        cache_bytes: Bytes on disk of the activations and decoded images.
        exact_share: Share of the validation images, 0 … 1, whose unrounded features the run will have, so
            that its final metrics need not compute them again.
        has_unseen_images: Whether the frozen stages have not looked at all images before.
    """

    features_seconds: float = 0.0
    training_seconds: float = 0.0
    seconds_per_epoch: float | None = None
    cache_bytes: int = 0
    exact_share: float = 0.0
    has_unseen_images: bool = False

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            features_seconds=self.features_seconds + other.features_seconds,
            training_seconds=self.training_seconds + other.training_seconds,
            seconds_per_epoch=self.seconds_per_epoch
            if other.seconds_per_epoch is None
            else other.seconds_per_epoch,
            cache_bytes=self.cache_bytes + other.cache_bytes,
            exact_share=max(self.exact_share, other.exact_share),
            has_unseen_images=self.has_unseen_images or other.has_unseen_images,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSpeed:
    """Measured speed of training the trainable model.

    Attributes:
        seconds_per_step: Seconds of one optimiser step on a whole batch.
        scoring_seconds_per_image: Seconds of predicting one validation image.
    """

    seconds_per_step: float
    scoring_seconds_per_image: float
