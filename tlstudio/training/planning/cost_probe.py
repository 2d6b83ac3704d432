"""Short measurements on a few images of a run, from which its phases estimate their costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import ceil
from pathlib import Path

import torch

from tlstudio.compute.device import resident_memory_bytes
from tlstudio.core.control import Control
from tlstudio.core.events import BatchEnded, EpochEnded, Event, ignore
from tlstudio.features.decoded_inputs import InputCache, open_input_store
from tlstudio.features.extractor import Activations, FeatureExtractor
from tlstudio.features.images import RunImage
from tlstudio.features.table import Features
from tlstudio.features.views import PLAIN, View
from tlstudio.inference.predict import WORTH_A_RUNTIME, predict_images
from tlstudio.models.backbones import load_backbone
from tlstudio.models.classifier import Classifier
from tlstudio.models.frozen.runtime_choice import choose_runtime
from tlstudio.models.heads import build_head
from tlstudio.project.runs import RunFolder
from tlstudio.training.head.fitting import BATCH_SIZE, solve_linear
from tlstudio.training.loop.fit import fit
from tlstudio.training.loop.trainable_model import (
    FeatureTable,
    StandardisedHead,
    TrainableModel,
    TrainingImages,
)
from tlstudio.training.planning.costs import Cost, TrainingSpeed
from tlstudio.training.planning.image_sample import ImageSample, repeated
from tlstudio.training.planning.synthetic_features import synthetic_features
from tlstudio.training.run.preparation import Preparation
from tlstudio.training.state import TrainingState

FEWEST_IMAGES = 16
"""Images that every measurement uses, at least."""
STEPS = 3
MOST_SOLVED = 400
"""Images on which solving a head is measured; the time for more is extrapolated from their number."""
LONG_SETUP_SECONDS = 0.3


class CostProbe:
    """Measures the parts of one run, each with the code that the run will use.

    Measurements of training change the weights of its own classifier, which is used for nothing else.

    Args:
        preparation: Images and recipe of the run.
        run: Folder of the run; nothing is written there.
        pixels: Pixels of each image, by path; 0 where unknown.
        device: torch's device name.
        threads: Threads for decoding and computing.
        unlabelled_count: Number of unlabelled images that the strategy will use.
        control: Checked between measurements and between batches.
        clock: Seconds.

    Attributes:
        recipe: Recipe of the run; may be replaced by another of the same backbone and head.
        classifier: Backbone and head as the run will begin with.
        loading_seconds: Seconds that loading the backbone took.
        decoding: Cost of decoding all images of the run, which is part of the last result of `features`.
        memory_bytes: Most memory that this process held, None where it cannot be known.

    Raises:
        UserError: The backbone cannot be loaded.
        Cancelled: The person cancelled.
    """

    def __init__(
        self,
        preparation: Preparation,
        *,
        run: RunFolder,
        pixels: Mapping[str, int],
        device: str,
        threads: int,
        unlabelled_count: int = 0,
        control: Control,
        clock: Callable[[], float],
    ) -> None:
        self.unlabelled_count = unlabelled_count
        self.recipe = preparation.recipe
        self._images = preparation.images
        self._run = run
        self._device = device
        self._threads = threads
        self._control = control
        self._clock = clock
        self.decoding = Cost()
        self._test_decoding_seconds = 0.0
        self.memory_bytes: int | None = None
        started = clock()
        file = self.recipe.backbone.weights_file
        backbone = load_backbone(
            self.recipe.backbone.id, weights_file=Path(file) if file else None, control=control
        )
        head = build_head(
            self.recipe.head, feature_size=backbone.feature_size, classes_count=len(self.recipe.classes)
        )
        self.classifier = Classifier(
            backbone=backbone,
            head=head,
            classes=self.recipe.classes,
            preprocessing=self.recipe.preprocessing(backbone.preprocessing),
        ).to(device)
        self.loading_seconds = clock() - started
        self._runtime = choose_runtime(
            backbone,
            preprocessing=self.classifier.preprocessing,
            device=device,
            threads=threads,
            control=control,
        )
        self._sample = ImageSample(
            self._images,
            pixels=pixels,
            preprocessing=self.classifier.preprocessing,
            threads=threads,
            control=control,
            clock=clock,
        )
        self._first_trainable: str | None = None
        self._activations: Activations | None = None
        self._speed: TrainingSpeed | None = None

    @property
    def train_count(self) -> int:
        """Number of training images."""
        return len(self._images["train"])

    @property
    def validation_count(self) -> int:
        """Number of validation images."""
        return len(self._images["validation"])

    # ---- the frozen stages ----------------------------------------------------------------------------

    def features(
        self,
        first_trainable: str | None,
        views: Sequence[View],
        *,
        background_views: Sequence[View] = (),
        input_views: int = 1,
    ) -> Cost:
        """Estimate what computing all activations at a freeze line costs; a few are computed, and cached.

        Args:
            first_trainable: First trainable stage, None for pooled features.
            views: Views of each training image, the plain one first; of validation images the plain one.
            background_views: Further views, computed while training runs.
            input_views: Number of views of each unlabelled image.
        """
        self._first_trainable, self._speed = first_trainable, None
        sample, inputs = self._sample, open_input_store(self.classifier.preprocessing)
        undecoded, seconds, self._test_decoding_seconds = sample.decode(InputCache(inputs))
        decoded_bytes = (sample.learned_count + len(self._images["test"])) * inputs.entry_bytes
        self.decoding = Cost(features_seconds=seconds, cache_bytes=decoded_bytes)

        extractor, setup_seconds = self._extractor(first_trainable)
        takes_images = extractor.store.folder == inputs.folder
        started = self._clock()
        absent = set(extractor.store.missing(sample.keys(sample.learned, views)))
        lookup_seconds = (self._clock() - started) * sample.learned_count / max(1, len(sample.learned))
        missing = [image for image in sample.learned if absent & set(sample.keys([image], views))]
        # Images whose pixels are cached already, so that the time is that of computing alone. After the
        # first, twice as many as run in parallel: one round alone would measure its start and end.
        count = 1 + max(FEWEST_IMAGES, 2 * extractor.images_at_once)
        ready = [image for image in missing if image not in undecoded]
        chosen = (ready or missing)[:count] or sample.learned[:FEWEST_IMAGES]
        fresh = [len(absent & set(sample.keys([image], views))) for image in chosen]
        first_seconds, _ = self._collect(extractor, chosen[:1], views)
        of_training = [image for image in chosen if not sample.is_validation(image)]
        rest_seconds, _ = self._collect(extractor, chosen if len(views) == 1 else of_training, views)
        plain_seconds, self._activations = self._collect(extractor, chosen, views[:1])
        computed = sum(fresh[1:])
        each = (rest_seconds + plain_seconds) / computed if computed else first_seconds / max(1, sum(fresh))
        keys = self.train_count * len(views) + self.validation_count
        left_share = (len(absent) - sum(fresh)) / max(1, len(sample.keys(sample.learned, views)))
        # The run, too, sets up its runtime and looks up what the cache holds.
        seconds += setup_seconds + lookup_seconds + (0.0 if takes_images else keys * left_share * each)
        if absent:  # else this is done again, with the same images
            decoding = self.decoding.features_seconds / sample.learned_count
            seconds += self.unlabelled_count * (input_views * each + decoding)
        self._activations = replace(self._activations, views=tuple(views[:1]))

        in_background = [
            f"{image.sha256}/{view.id}"
            for image in sample.learned
            if not sample.is_validation(image)
            for view in background_views
        ]
        missing_share = len(extractor.store.missing(in_background)) / max(1, len(in_background))
        background_keys = self.train_count * len(background_views)
        input_keys = self.unlabelled_count * input_views
        cached = 0 if takes_images else (keys + background_keys + input_keys) * extractor.store.entry_bytes
        decoded_bytes += self.unlabelled_count * inputs.entry_bytes
        validation = [image for image in sample.learned if sample.is_validation(image)]
        exact = [image for image in missing if image in validation and image not in chosen]
        records_exact = bool(validation) and extractor.records_exact(self._images["validation"])
        self._record_memory()
        return Cost(
            features_seconds=seconds,
            training_seconds=background_keys * missing_share * each,
            cache_bytes=cached + decoded_bytes,
            exact_share=len(exact) / len(validation) if records_exact else 0.0,
            # Where no stage is frozen, decoded pixels may be cached, but nothing has looked at them.
            has_unseen_images=takes_images or bool(absent),
        )

    def seconds_of_another(self, classifier: Classifier) -> float:
        """Seconds of the features of all images with another classifier's backbone; a few are computed."""
        extractor, learned = self._extractor_of(classifier, None), self._sample.learned
        absent = set(extractor.store.missing(self._sample.keys(learned, (PLAIN,))))
        missing = [image for image in learned if f"{image.sha256}/{PLAIN.id}" in absent]
        if not missing:
            return 0.0
        seconds, _ = self._collect(extractor, missing[:FEWEST_IMAGES], (PLAIN,))
        count = self._sample.learned_count * len(missing) / len(learned) + self.unlabelled_count
        return seconds * count / len(missing[:FEWEST_IMAGES])

    def seconds_of_whole_backbone(self, count: int) -> float:
        """Seconds of the features of `count` decoded images, none of which is cached; a few are computed."""
        extractor, _ = self._extractor(None)
        images = self._sample.learned[: 2 * extractor.images_at_once]  # two rounds of what runs in parallel
        return extractor.seconds_per_1000(images, clock=self._clock) * count / 1000

    def _extractor_of(self, classifier: Classifier, first_trainable: str | None) -> FeatureExtractor:
        return FeatureExtractor(
            classifier.backbone,
            end=first_trainable,
            preprocessing=classifier.preprocessing,
            device=self._device,
            threads=self._threads,
            runtime=self._runtime,
        )

    def _extractor(self, first_trainable: str | None) -> tuple[FeatureExtractor, float]:
        started = self._clock()
        extractor = self._extractor_of(self.classifier, first_trainable)
        seconds = self._clock() - started
        self._control.check()
        if seconds > LONG_SETUP_SECONDS:  # the runtime was checked; the run will not do it again
            started = self._clock()
            extractor = self._extractor_of(self.classifier, first_trainable)
            seconds = self._clock() - started
        return extractor, seconds

    def _collect(
        self, extractor: FeatureExtractor, images: Sequence[RunImage], views: Sequence[View]
    ) -> tuple[float, Activations]:
        started = self._clock()
        (activations,) = extractor.collect((images, views), run_id="", emit=ignore, control=self._control)
        return self._clock() - started, activations

    # ---- the trainable model --------------------------------------------------------------------------

    def training_speed(self) -> TrainingSpeed:
        """Measure how fast the trainable model trains; call `features` before."""
        if self._speed is None:
            assert self._activations is not None
            model = TrainableModel(self.classifier, first_trainable=self._first_trainable).to(self._device)
            steps = STEPS - 1 if model.takes_images else STEPS
            images = repeated(self._activations.images, self.recipe.optimiser.batch_size * steps)
            state = self._state(images)
            self._speed = self._train(
                model,
                state,
                train=state.images(
                    replace(self._activations, images=images), augments_inputs=model.takes_images
                ),
                validation=state.images(self._activations),
                steps=steps,
            )
        return self._speed

    def pooling_seconds(self) -> float:
        """Seconds of computing pooled features of all plain images with the trainable stages."""
        if self._first_trainable is None:
            return 0.0
        filled = sum(
            ceil(count / BATCH_SIZE) * BATCH_SIZE for count in (self.train_count, self.validation_count)
        )
        return filled * self.training_speed().scoring_seconds_per_image

    def hidden_head_epoch_seconds(self) -> float:
        """Seconds of one epoch of a head with a hidden layer."""
        size = self.recipe.optimiser.batch_size
        images = repeated(self._sample.learned, size * 2 * STEPS)
        state = self._state(images)
        features = Features.of(torch.randn(len(images), self.classifier.backbone.feature_size))
        head = StandardisedHead(self.classifier.head, features=features).to(self._device)
        batches = state.images(FeatureTable(images=images, features=features))
        speed = self._train(head, state, train=batches, validation=batches, steps=2 * STEPS)
        return (
            ceil(self.train_count / size) * speed.seconds_per_step
            + self.validation_count * speed.scoring_seconds_per_image
        )

    def head_solving_seconds(self) -> float:
        """Seconds of solving a linear head, from solving one on synthetic features of the same shape."""
        train, validation = self._images["train"], self._images["validation"]
        size, classes = self.classifier.backbone.feature_size, len(self.recipe.classes)
        learned = repeated(train, min(len(train), MOST_SOLVED))
        held_out = repeated(validation, min(len(validation), MOST_SOLVED)) if validation else ()
        synthetic = synthetic_features((learned, held_out), size=size, classes_count=classes)
        state = replace(self._state(learned), validation=held_out)
        started = self._clock()
        solve_linear(state, *synthetic, emit=ignore, control=self._control)
        seconds = self._clock() - started
        return seconds * len(train) * min(len(train), size) / (len(learned) * min(len(learned), size))

    def _train(
        self,
        model: TrainableModel | StandardisedHead,
        state: TrainingState,
        *,
        train: TrainingImages,
        validation: TrainingImages,
        steps: int,
    ) -> TrainingSpeed:
        heard: list[tuple[Event, float]] = []

        def note(event: Event) -> None:
            heard.append((event, self._clock()))
            self._record_memory()

        fit(
            model,
            train=train,
            validation=validation,
            plan=replace(state.fit_plan(), epochs=1, patience=0),
            run_id="",
            emit=note,
            control=self._control,
        )
        batches = [at for event, at in heard if isinstance(event, BatchEnded)]
        ended = [at for event, at in heard if isinstance(event, EpochEnded)]
        return TrainingSpeed(
            seconds_per_step=(batches[-1] - batches[0]) / max(1, steps - 1),
            scoring_seconds_per_image=(ended[-1] - batches[-1]) / max(1, len(validation)),
        )

    # ---- the evaluation -------------------------------------------------------------------------------

    def evaluation_seconds(self, counts: Sequence[int], *, backbone_changes: bool) -> float:
        """Seconds of the final metrics.

        Args:
            counts: Number of images to predict, of each split.
            backbone_changes: Whether the run changes the backbone, so that a runtime has to be set up anew.
        """
        images = self._activations.images if self._activations else ()
        if not images or not sum(counts):
            return 0.0
        by_runtime = not backbone_changes or sum(counts) >= WORTH_A_RUNTIME
        started = self._clock()
        self._predict(images[:1], by_runtime=by_runtime)
        first_seconds = self._clock() - started
        started = self._clock()
        self._predict(images, by_runtime=by_runtime)
        seconds_per_image = (self._clock() - started) / len(images)
        self._record_memory()
        setup_seconds = max(0.0, first_seconds - seconds_per_image)
        return sum(counts) * seconds_per_image + setup_seconds + self._test_decoding_seconds

    def _predict(self, images: Sequence[RunImage], *, by_runtime: bool) -> None:
        predictions = predict_images(
            self.classifier,
            [image.file for image in images],
            hashes=[image.sha256 for image in images],
            runtime=self._runtime if by_runtime else None,
            control=self._control,
        )
        for _ in predictions:
            self._control.check()

    def _state(self, images: tuple[RunImage, ...]) -> TrainingState:
        return TrainingState(
            run=self._run,
            recipe=self.recipe,
            classifier=self.classifier,
            train=images,
            validation=(),
            device=self._device,
            threads=self._threads,
            runtime=self._runtime,
        )

    def _record_memory(self) -> None:
        now = resident_memory_bytes()
        if now is not None:
            self.memory_bytes = max(now, self.memory_bytes or 0)
