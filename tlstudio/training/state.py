"""What a strategy is given, and what it gives back."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field

import torch
from torch import Tensor

from tlstudio.core.control import Control
from tlstudio.core.events import Emit
from tlstudio.core.recipe import Recipe
from tlstudio.data.decode import UnreadableImageError
from tlstudio.data.preprocessing import normalise
from tlstudio.features.background_views import GrowingActivations
from tlstudio.features.exact_features import ExactFeatures
from tlstudio.features.extractor import Activations, FeatureExtractor
from tlstudio.features.images import ChangedImageError, RunImage, read_input
from tlstudio.features.store import DEFAULT_LIMIT_BYTES
from tlstudio.features.views import PLAIN, View
from tlstudio.inference.classify import same_probabilities
from tlstudio.models.classifier import Classifier
from tlstudio.models.inference_graph import RuntimeChoice
from tlstudio.project.runs import RunFolder
from tlstudio.training.loop.fit import CHECKPOINT_SECONDS, Plan
from tlstudio.training.loop.optimiser import class_weights
from tlstudio.training.loop.trainable_model import ActivationSource, TrainingImages

log = logging.getLogger(__name__)


@dataclass
class Stopwatch:
    """Seconds spent on a part of the work, over several stretches."""

    seconds: float = 0.0
    _started: float = 0.0

    def __enter__(self) -> Stopwatch:
        self._started = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += time.monotonic() - self._started


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingState:
    """One run as a strategy sees it. Test images are not in it.

    Attributes:
        run: Where checkpoints go.
        recipe: Complete.
        classifier: To be trained in place.
        train: To learn from.
        validation: To choose by; may be empty.
        device: torch's name.
        threads: For decoding and computing.
        runtime: What computes the frozen stages.
        cache_limit_bytes: Of the activation cache.
        checkpoint_seconds: At most so often.
        features_time: Runs while the frozen side works.
        shown: Features of the validation images, as the frozen backbone gave them in this run.
    """

    run: RunFolder
    recipe: Recipe
    classifier: Classifier
    train: tuple[RunImage, ...]
    validation: tuple[RunImage, ...]
    device: str
    threads: int
    runtime: RuntimeChoice = field(default_factory=RuntimeChoice)
    cache_limit_bytes: int = DEFAULT_LIMIT_BYTES
    checkpoint_seconds: float = CHECKPOINT_SECONDS
    features_time: Stopwatch = field(default_factory=Stopwatch)
    shown: ExactFeatures = field(default_factory=ExactFeatures)

    @property
    def run_id(self) -> str:
        """Written into events."""
        return self.run.path.name

    def activations(
        self,
        *,
        first_trainable: str | None,
        views: tuple[View, ...],
        emit: Emit,
        control: Control,
    ) -> tuple[Activations, Activations]:
        """Activations at a freeze line: of the training images in all views, of the validation images plain.

        Call it before anything above the line has changed.

        Args:
            first_trainable: First stage above the line, None when the head trains alone.
            views: Of the training images.
            emit: Told how far it is.
            control: Asked once per image.

        Raises:
            UserError: An image can no longer be read.
            Cancelled: The person cancelled.
        """
        with self.features_time:
            frozen = FeatureExtractor(
                self.classifier.backbone,
                end=first_trainable,
                preprocessing=self.classifier.preprocessing,
                device=self.device,
                threads=self.threads,
                limit_bytes=self.cache_limit_bytes,
                runtime=self.runtime,
                weights=self.recipe.backbone.weights_sha256,
                shown=self.shown,
            )
            train, validation = frozen.collect(
                (self.train, views),
                (self.validation, (PLAIN,)),
                run_id=self.run_id,
                emit=emit,
                control=control,
            )
        return train, validation

    def growing(
        self, train: Activations, *, later: tuple[View, ...], emit: Emit, control: Control
    ) -> AbstractContextManager[ActivationSource]:
        """Activations of the training images to which further views are added while training runs.

        Args:
            train: What is there already.
            later: Further views, in the order in which they are added.
            emit: Told when training has to wait.
            control: Of the job.
        """
        if not later:
            return nullcontext(train)
        return closing(GrowingActivations(train, later=later, run_id=self.run_id, emit=emit, control=control))

    @contextmanager
    def shown_checked(self) -> Iterator[None]:
        """While the head is fitted inside the block, the backbone itself is asked about a shown image.

        If the head then answers otherwise than from the features that were noted, none of them count. The
        backbone must stay as it is inside the block.
        """
        noted = self.shown.one()
        if noted is None:
            yield
            return
        sha256, features = noted
        with ThreadPoolExecutor(1, thread_name_prefix="check") as pool:
            asked = pool.submit(self._own_features, sha256)
            yield
            own = asked.result()
        self.classifier.eval()  # no dropout: the head is fitted
        same = own is not None and same_probabilities(
            self.classifier.head, features[None], own, device=self.device
        )
        if not same:
            log.warning("%s gave other features than the backbone itself", self.runtime.runtime)
            self.shown.forget()

    @torch.inference_mode()
    def _own_features(self, sha256: str) -> Tensor | None:
        """What the backbone gives for a validation image: float32 [1, F]; None if it cannot be read."""
        preprocessing = self.classifier.preprocessing
        image = next(image for image in self.validation if image.sha256 == sha256)
        try:
            pixels = read_input(image.file, preprocessing=preprocessing, sha256=sha256)
        except (UnreadableImageError, ChangedImageError):
            return None  # asking about it anew says what is wrong
        features: Tensor = self.classifier.backbone(normalise(pixels[None].to(self.device), preprocessing))
        return features.cpu()

    def plan(self, *, keep: bool) -> Plan:
        """The recipe as the training loop wants it; `keep` tells whether it writes checkpoints."""
        recipe = self.recipe
        weights = None
        if recipe.optimiser.class_weighting:
            labels = torch.tensor([image.label for image in self.train])
            weights = class_weights(labels, classes_count=len(recipe.classes)).to(self.device)
        return Plan(
            optimiser=recipe.optimiser,
            epochs=recipe.epochs,
            patience=recipe.patience,
            keep_last=recipe.kept_epoch == "last",
            seed=recipe.seed,
            class_weights=weights,
            checkpoint=self.run.last_checkpoint if keep else None,
            checkpoint_seconds=self.checkpoint_seconds,
        )

    def images(self, activations: ActivationSource, *, varied: bool = False) -> TrainingImages:
        """Batches of the activations; `varied` draws fresh views of unfrozen inputs."""
        return TrainingImages(
            activations,
            seed=self.recipe.seed,
            varied=self.recipe.augmentation if varied else None,
            device=self.device,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a strategy did; the classifier holds its best state.

    Attributes:
        epochs: How many ended.
        best_epoch: The one whose weights the classifier has.
        train_accuracy: Of that epoch, None when it was not measured.
        precision: What the training steps computed in; None where there were none.
        earlier_seconds: Of training in earlier sittings.
    """

    epochs: int
    best_epoch: int
    train_accuracy: float | None
    precision: str | None = None
    earlier_seconds: float = 0.0
