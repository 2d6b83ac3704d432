"""The state that the phases of a run share."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor

from tlstudio.data.decode import UnreadableImageError
from tlstudio.data.preprocessing import normalise
from tlstudio.evaluation.comparisons import StrategyComparison, read_comparisons, write_comparisons
from tlstudio.evaluation.objective import ONE_CLASS_EACH, SeveralColumns
from tlstudio.features.exact_features import ExactFeatures
from tlstudio.features.extractor import Activations, FeatureExtractor
from tlstudio.features.images import (
    ChangedImageError,
    RunImage,
    column_labels,
    label_tensor,
    read_input,
)
from tlstudio.features.store import DEFAULT_LIMIT_BYTES
from tlstudio.features.views import View
from tlstudio.inference.classify import same_probabilities
from tlstudio.models.classifier import Classifier
from tlstudio.models.frozen.inference_graph import RuntimeChoice
from tlstudio.models.heads import build_head
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import HeadSettings, Recipe
from tlstudio.training.loop.fit import CHECKPOINT_SECONDS, FitPlan
from tlstudio.training.loop.optimiser import class_weights
from tlstudio.training.loop.trainable_model import ActivationSource, TrainableModel, TrainingImages

log = logging.getLogger(__name__)


@dataclass
class Stopwatch:
    """Seconds spent on one kind of work, summed over several intervals."""

    seconds: float = 0.0
    _started: float = 0.0

    def __enter__(self) -> Stopwatch:
        self._started = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += time.monotonic() - self._started


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """The result of feature extraction: activations at the freeze line, and the model that trains on them.

    Attributes:
        model: The trainable stages and the head.
        train: Activations of the training images in the views that are ready.
        validation: Activations of the plain validation images.
        background_views: Further views of the training images, to be computed while training runs.
        inputs: Activations of the further images, by the id of the strategy's input.
    """

    model: TrainableModel
    train: Activations
    validation: Activations
    background_views: tuple[View, ...] = ()
    inputs: Mapping[str, Activations] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class TrainingState:
    """One training run as its phases see it; each phase changes it in place. Test images are not in it.

    Attributes:
        run: Run folder.
        recipe: Complete recipe.
        classifier: Trained in place.
        train: Training images.
        validation: Validation images; may be empty.
        inputs: Further images that the strategy asks for, by the id of its input; the label of those without
            one is -1. Of further label columns: the images that have a label in them alone.
        columns: The value of each image by its path, by the id of the strategy's input.
        device: torch's device name.
        threads: Threads for decoding and computing.
        teacher_logits: What a teacher answers, by the content hash of the image, in the order of the recipe's
            classes: float32 [K] each.
        runtime: Computes the frozen stages.
        last_checkpoint: File of the newest checkpoint; None keeps none.
        keeps_comparisons: Whether comparisons are read from and written to the run folder; not by a fold.
        cache_limit_bytes: Size limit of the activation cache.
        checkpoint_seconds: Least time between two checkpoints.
        features_time: Runs while features are extracted.
        exact_features: Features of the validation images as computed in this run, unrounded.
        backbone_changed: Whether a phase has changed weights of the backbone.
        head_l2: The regularisation that was chosen for the linear head of the frozen backbone.
        column_l2: The same for the head of each label column, where there are several.
        head_fits: Whether the head was fitted to the backbone as it is; else both together are no classifier.
        start_is_kept: Whether the weights that a fine-tuning began with are its result.
        phase: Number of the phase at work, from 0.
        stage: Id of that phase in events.
        checkpoint: Checkpoint file of the phase at work; None when it keeps none.
    """

    run: RunFolder
    recipe: Recipe
    classifier: Classifier
    train: tuple[RunImage, ...]
    validation: tuple[RunImage, ...]
    device: str
    threads: int
    inputs: Mapping[str, tuple[RunImage, ...]] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    teacher_logits: Mapping[str, Tensor] = field(default_factory=dict)
    runtime: RuntimeChoice = field(default_factory=RuntimeChoice)
    last_checkpoint: Path | None = None
    keeps_comparisons: bool = True
    cache_limit_bytes: int = DEFAULT_LIMIT_BYTES
    checkpoint_seconds: float = CHECKPOINT_SECONDS
    features_time: Stopwatch = field(default_factory=Stopwatch)
    exact_features: ExactFeatures = field(default_factory=ExactFeatures)
    backbone_changed: bool = False
    head_l2: float | None = None
    column_l2: tuple[float | None, ...] = ()
    head_fits: bool = True
    start_is_kept: bool = False
    phase: int = 0
    stage: str = ""
    checkpoint: Path | None = None
    _extracted: Extracted | None = None

    @property
    def run_id(self) -> str:
        """Id of the run in events."""
        return self.run.path.name

    @property
    def extracted(self) -> Extracted:
        """The result of the newest feature extraction.

        Raises:
            RuntimeError: No phase has extracted features yet; the strategy's plan is wrong.
        """
        if self._extracted is None:
            raise RuntimeError("a phase needs features, but none before it extracts any")
        return self._extracted

    @extracted.setter
    def extracted(self, extracted: Extracted) -> None:
        self._extracted = extracted

    def strategy_comparison(self) -> StrategyComparison | None:
        """The comparison of the strategy with the plain start that an earlier session made, if any.

        Raises:
            UserError: The file is damaged.
        """
        return read_comparisons(self.run).strategy if self.keeps_comparisons else None

    def keep_strategy_comparison(self, found: StrategyComparison) -> None:
        """Write the comparison of the strategy with the plain start to the run folder.

        Raises:
            UserError: The file that is there is damaged.
        """
        if self.keeps_comparisons:
            write_comparisons(self.run, replace(read_comparisons(self.run), strategy=found))

    def images(self, activations: ActivationSource, *, augments_inputs: bool = False) -> TrainingImages:
        """Labelled batches of activations.

        Args:
            activations: Cached activations.
            augments_inputs: Draw fresh random views of the inputs at each epoch; only when nothing is frozen.
        """
        columns = len(self.classifier.columns)
        return TrainingImages(
            activations,
            seed=self.recipe.seed,
            input_augmentation=self.recipe.augmentation if augments_inputs else None,
            device=self.device,
            labels=column_labels(activations.images, columns=columns) if columns > 1 else None,
        )

    def learned_activations(self) -> Activations:
        """Activations of the training images, then of images with a label in further columns alone."""
        train = self.extracted.train
        more = [image for part in self.extracted.inputs.values() for image in part.images if image.further]
        return replace(train, images=(*train.images, *more)) if more else train

    def make_head_linear(self) -> None:
        """Replace a head with a hidden layer by a linear one."""
        if self.recipe.head.kind != "linear":
            size, count = self.classifier.backbone.feature_size, len(self.recipe.classes)
            head = build_head(HeadSettings(), feature_size=size, classes_count=count)
            self.classifier.head = head.to(self.device)

    def extractor_of(self, classifier: Classifier) -> FeatureExtractor:
        """Make what computes a classifier's pooled features, with the settings of this run."""
        return FeatureExtractor(
            classifier.backbone,
            end=None,
            preprocessing=classifier.preprocessing,
            device=self.device,
            threads=self.threads,
            limit_bytes=self.cache_limit_bytes,
            runtime=self.runtime,
        )

    def fit_plan(self) -> FitPlan:
        """The recipe's settings for the training loop, with checkpoints where the phase keeps them."""
        recipe, objective = self.recipe, ONE_CLASS_EACH
        weights = None
        if len(self.classifier.columns) > 1:
            objective = self._objective_of_columns()
        elif recipe.optimiser.class_weighting:
            labels = label_tensor(self.train)
            weights = class_weights(labels, classes_count=len(recipe.classes)).to(self.device)
        return FitPlan(
            optimiser=recipe.optimiser,
            epochs=recipe.epochs,
            patience=recipe.patience,
            keep_last=recipe.kept_epoch == "last",
            seed=recipe.seed,
            class_weights=weights,
            checkpoint=self.checkpoint,
            checkpoint_seconds=self.checkpoint_seconds,
            phase=self.phase,
            stage=self.stage,
            objective=objective,
        )

    def _objective_of_columns(self) -> SeveralColumns:
        """The objective of several label columns, each column counting the same."""
        columns = column_labels(self.learned_activations().images, columns=len(self.classifier.columns))
        of_column = [column[column >= 0] for column in columns.T]
        weights = None
        if self.recipe.optimiser.class_weighting:
            weights = [
                class_weights(labels, classes_count=size)
                for labels, size in zip(of_column, self.classifier.sizes, strict=True)
            ]
        return SeveralColumns(
            self.classifier.sizes,
            weights=[len(columns) / max(1, len(labels)) for labels in of_column],
            class_weights=weights,
        )

    @contextmanager
    def exact_features_checked(self) -> Iterator[None]:
        """Compare one recorded feature with the backbone's own while the head is fitted inside the block.

        If the fitted head then predicts differently from the two, all recorded features are dropped. The
        backbone must not change inside the block.
        """
        noted = self.exact_features.any_one()
        if noted is None:
            yield
            return
        sha256, features = noted
        with ThreadPoolExecutor(1, thread_name_prefix="check") as pool:
            future = pool.submit(self._backbone_features, sha256)
            yield
            own = future.result()
        self.classifier.eval()  # no dropout: the head is fitted
        same = own is not None and same_probabilities(
            self.classifier.head, features[None], own, device=self.device
        )
        if not same:
            log.warning("%s gave other features than the backbone itself", self.runtime.runtime)
            self.exact_features.clear()

    @torch.inference_mode()
    def _backbone_features(self, sha256: str) -> Tensor | None:
        """The backbone's own feature of a validation image: float32 [1, F]; None if it cannot be read."""
        preprocessing = self.classifier.preprocessing
        image = next(image for image in self.validation if image.sha256 == sha256)
        try:
            pixels = read_input(image.file, preprocessing=preprocessing, sha256=sha256)
        except (UnreadableImageError, ChangedImageError):
            return None  # the final prediction reports the error
        features: Tensor = self.classifier.backbone(normalise(pixels[None].to(self.device), preprocessing))
        return features.cpu()
