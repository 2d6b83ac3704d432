"""What the parts of a run cost here, measured on a few of its own images; see `planning`."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import ceil
from pathlib import Path

import torch

from tlstudio.compute.device import resident_memory_bytes
from tlstudio.core.control import Control
from tlstudio.core.events import BatchEnded, EpochEnded, Event, ignore
from tlstudio.features.decoded_inputs import KnownInputs, open_inputs
from tlstudio.features.extractor import Activations, FeatureExtractor
from tlstudio.features.images import RunImage, read_ahead
from tlstudio.features.table import Features
from tlstudio.features.views import View
from tlstudio.inference.predict import WORTH_A_RUNTIME, predict_images
from tlstudio.models.backbones import load_backbone
from tlstudio.models.classifier import Classifier
from tlstudio.models.heads import build_head
from tlstudio.models.runtime_choice import choose_runtime
from tlstudio.project.runs import RunFolder
from tlstudio.training.head.fitting import solve_linear
from tlstudio.training.loop.fit import fit
from tlstudio.training.loop.trainable_model import FeatureTable, StandardisedHead, TrainableModel
from tlstudio.training.planning.costs import FeaturesCost, HeadStart
from tlstudio.training.run.preparation import Preparation
from tlstudio.training.state import TrainingState

LOOKED_UP = 300
"""Images that the cache is asked about; the rest are taken to be like them."""
DECODED = 32
MOST_DECODED_PIXELS = 80e6
"""Of all images decoded here together; at least two are."""
TRIED = 16
"""Images that go through every part, at least."""
STEPS = 3
MOST_SOLVED = 400
"""Images that solving a head is tried on; more take longer in proportion to the numbers in their features."""
CLASS_DISTANCE = 0.5
LONG_SETUP_SECONDS = 0.3


class ShortProbe:
    """Measures the parts of one run, each by the code that the run will use.

    Args:
        preparation: Of the run.
        run: Where it would go.
        pixels: Of each image, by path; 0 where it is not known.
        device: torch's name.
        threads: For decoding and computing.
        control: Asked between the parts and between batches.
        clock: Seconds.

    Raises:
        UserError: The backbone cannot be loaded.
        Cancelled: As `control` says.
    """

    def __init__(
        self,
        preparation: Preparation,
        *,
        run: RunFolder,
        pixels: Mapping[str, int],
        device: str,
        threads: int,
        control: Control,
        clock: Callable[[], float],
    ) -> None:
        self._recipe = preparation.recipe
        self._images = preparation.images
        self._run = run
        self._pixels = pixels
        self._device = device
        self._threads = threads
        self._control = control
        self._clock = clock
        self._test_decoding_seconds = 0.0
        self.memory_bytes: int | None = None
        started = clock()
        file = self._recipe.backbone.weights_file
        backbone = load_backbone(
            self._recipe.backbone.id, weights_file=Path(file) if file else None, control=control
        )
        head = build_head(
            self._recipe.head, feature_size=backbone.feature_size, classes_count=len(self._recipe.classes)
        )
        self.classifier = Classifier(
            backbone=backbone,
            head=head,
            classes=self._recipe.classes,
            preprocessing=replace(backbone.preprocessing, fit=self._recipe.fit),
        ).to(device)
        self.loading_seconds = clock() - started
        self._runtime = choose_runtime(
            backbone,
            preprocessing=self.classifier.preprocessing,
            device=device,
            threads=threads,
            control=control,
        )
        chance = random.Random(0)
        learnt = [*self._images["train"], *self._images["validation"]]
        self._sample = chance.sample(learnt, min(len(learnt), LOOKED_UP))
        test = self._images["test"]
        self._test_sample = chance.sample(test, min(len(test), LOOKED_UP))
        self._learnt_count = len(learnt)
        learnt_from = {image.sha256 for image in self._images["train"]}
        self._held_out = {image.sha256 for image in self._images["validation"]} - learnt_from
        self._tried: Activations | None = None

    # Below the line

    def features(
        self, first: str | None, views: Sequence[View], *, later: Sequence[View] = ()
    ) -> FeaturesCost:
        """What computing all activations at a line costs; a few are computed, and kept.

        Args:
            first: First trainable stage, None for pooled features.
            views: Of each training image; the validation images are looked at plain.
            later: Views that come while training runs.
        """
        inputs = open_inputs(self.classifier.preprocessing)
        known = KnownInputs(inputs)
        unknown = [image for image in self._sample if image.sha256 not in known]
        of_test = [image for image in self._test_sample if image.sha256 not in known]
        decoded, pixel_seconds = self._decode(unknown or of_test, known)
        self._test_decoding_seconds = pixel_seconds * self._all_pixels(
            of_test, of=self._test_sample, count=len(self._images["test"])
        )
        left = [image for image in unknown if image not in decoded]
        seconds = pixel_seconds * self._all_pixels(left, of=self._sample, count=self._learnt_count)

        frozen, setup_seconds = self._frozen_side(first)
        from_pixels = frozen.store.folder == inputs.folder
        started = self._clock()
        absent = set(frozen.store.missing(self._keys(self._sample, views)))
        looking_seconds = (self._clock() - started) * self._learnt_count / max(1, len(self._sample))
        missing = [image for image in self._sample if absent & set(self._keys([image], views))]
        # Those whose pixels are there already, so that the time is that of the computing alone.
        # After the first, twice as many as run at once: one round alone would tell of its start and end.
        count = 1 + max(TRIED, 2 * frozen.images_at_once)
        ready = [image for image in missing if image not in left]
        chosen = (ready or missing)[:count] or self._sample[:TRIED]
        fresh = [len(absent & set(self._keys([image], views))) for image in chosen]
        first_seconds, _ = self._collect(frozen, chosen[:1], views)
        learnt = [image for image in chosen if image.sha256 not in self._held_out]
        rest_seconds, _ = self._collect(frozen, chosen if len(views) == 1 else learnt, views)
        plain_seconds, self._tried = self._collect(frozen, chosen, views[:1])
        computed = sum(fresh[1:])
        each = (rest_seconds + plain_seconds) / computed if computed else first_seconds / max(1, sum(fresh))
        keys = len(self._images["train"]) * len(views) + len(self._images["validation"])
        left_share = (len(absent) - sum(fresh)) / max(1, len(self._keys(self._sample, views)))
        # The run, too, makes its runtime ready and looks up what the cache holds.
        seconds += setup_seconds + looking_seconds + (0.0 if from_pixels else keys * left_share * each)
        self._tried = replace(self._tried, views=tuple(views[:1]))
        wanted_later = [
            f"{i.sha256}/{v.id}" for i in self._sample if i.sha256 not in self._held_out for v in later
        ]
        missing_share = len(frozen.store.missing(wanted_later)) / max(1, len(wanted_later))
        later_keys = len(self._images["train"]) * len(later)
        kept = 0 if from_pixels else (keys + later_keys) * frozen.store.entry_bytes
        held_out = [image for image in self._sample if image.sha256 in self._held_out]
        shown = [image for image in missing if image in held_out and image not in chosen]
        decoded_bytes = (self._learnt_count + len(self._images["test"])) * inputs.entry_bytes
        self._note_memory()
        return FeaturesCost(
            seconds=seconds,
            later_seconds=later_keys * missing_share * each,
            shown_share=len(shown) / len(held_out)
            if held_out and frozen.shows(self._images["validation"])
            else 0.0,
            cache_bytes=kept + decoded_bytes,
        )

    def _keys(self, images: Sequence[RunImage], views: Sequence[View]) -> list[str]:
        """Of all activations that the run wants of these images; validation images are looked at plain."""
        return [
            f"{image.sha256}/{view.id}"
            for image in images
            for view in (views[:1] if image.sha256 in self._held_out else views)
        ]

    def _decode(self, images: Sequence[RunImage], known: KnownInputs) -> tuple[list[RunImage], float]:
        """Decode a few; returns which, and seconds per pixel."""
        chosen: list[RunImage] = []
        total = 0.0
        for image in images[: DECODED + 1]:
            if len(chosen) > 2 and total > MOST_DECODED_PIXELS:
                break
            chosen.append(image)
            total += self._pixel_count([image])
        if len(chosen) > 2:  # the first brings in libraries and starts threads
            self._read(chosen[:1], known)
        timed = chosen[1:] if len(chosen) > 2 else chosen
        started = self._clock()
        self._read(timed, known)
        seconds = self._clock() - started
        return chosen, seconds / max(1.0, self._pixel_count(timed))

    def _read(self, images: Sequence[RunImage], known: KnownInputs) -> None:
        files = [(image.file, image.sha256) for image in images]
        for _ in read_ahead(
            files, preprocessing=self.classifier.preprocessing, threads=self._threads, known=known
        ):
            self._control.check()

    def _pixel_count(self, images: Sequence[RunImage]) -> float:
        return float(sum(max(1, self._pixels.get(image.path, 1)) for image in images))

    def _all_pixels(self, images: Sequence[RunImage], *, of: Sequence[RunImage], count: int) -> float:
        """Pixels of the images like these among all `count`, of which `of` is a sample."""
        return self._pixel_count(images) * count / max(1, len(of))

    def _frozen_side(self, first: str | None) -> tuple[FeatureExtractor, float]:
        def build() -> FeatureExtractor:
            return FeatureExtractor(
                self.classifier.backbone,
                end=first,
                preprocessing=self.classifier.preprocessing,
                device=self._device,
                threads=self._threads,
                runtime=self._runtime,
            )

        started = self._clock()
        frozen = build()
        seconds = self._clock() - started
        self._control.check()
        if seconds > LONG_SETUP_SECONDS:  # the runtime was chosen; the run will know it
            started = self._clock()
            frozen = build()
            seconds = self._clock() - started
        return frozen, seconds

    def _collect(
        self, frozen: FeatureExtractor, images: Sequence[RunImage], views: Sequence[View]
    ) -> tuple[float, Activations]:
        started = self._clock()
        (activations,) = frozen.collect((images, views), run_id="", emit=ignore, control=self._control)
        return self._clock() - started, activations

    # Above the line

    def steps(self, first: str | None, views: Sequence[View], *, varied: bool) -> tuple[float, float]:
        """Train a little, for nothing but the time; the classifier is spoilt afterwards for all but its cost.

        Args:
            first: First trainable stage.
            views: As given to `features`, which comes before.
            varied: Whether views are drawn anew from the pixels.

        Returns:
            Seconds of one step of a whole batch, and of looking at one validation image.
        """
        assert self._tried is not None
        side = TrainableModel(self.classifier, first_trainable=first).to(self._device)
        size = self._recipe.optimiser.batch_size
        steps = STEPS - 1 if varied else STEPS
        images = self._repeated(self._tried.images, size * steps)
        session = self._session(images)
        tried = session.images(replace(self._tried, images=images), varied=varied)
        answered = session.images(self._tried)
        return self._fit(side, session, tried, answered, steps=steps, answered_count=len(self._tried.images))

    def _fit(
        self,
        side: TrainableModel | StandardisedHead,
        session: TrainingState,
        tried: object,
        answered: object,
        *,
        steps: int,
        answered_count: int,
    ) -> tuple[float, float]:
        told: list[tuple[Event, float]] = []

        def note(event: Event) -> None:
            told.append((event, self._clock()))
            self._note_memory()

        fit(
            side,
            train=tried,  # type: ignore[arg-type]
            validation=answered,  # type: ignore[arg-type]
            plan=replace(session.plan(keep=False), epochs=1, patience=0),
            run_id="",
            emit=note,
            control=self._control,
        )
        batches = [at for event, at in told if isinstance(event, BatchEnded)]
        ended = [at for event, at in told if isinstance(event, EpochEnded)]
        step_seconds = (batches[-1] - batches[0]) / max(1, steps - 1)
        return step_seconds, (ended[-1] - batches[-1]) / max(1, answered_count)

    def head_start(self, *, hidden: bool) -> HeadStart:
        """What fitting the head to features costs."""
        if not hidden:
            return HeadStart(solve_seconds=self._solving(), epoch_seconds=0.0)
        features = self.classifier.backbone.feature_size
        train, validation = len(self._images["train"]), len(self._images["validation"])
        size = self._recipe.optimiser.batch_size
        images = self._repeated(self._sample, size * 2 * STEPS)
        session = self._session(images)
        table = FeatureTable(images=images, features=Features.of(torch.randn(len(images), features)))
        head = StandardisedHead(self.classifier.head, features=table.features).to(self._device)
        batches = session.images(table)
        step, look = self._fit(head, session, batches, batches, steps=2 * STEPS, answered_count=len(images))
        return HeadStart(solve_seconds=0.0, epoch_seconds=ceil(train / size) * step + validation * look)

    def _solving(self) -> float:
        """Seconds of the linear probe, from solving one on made-up features of the same shape."""
        train, validation = self._images["train"], self._images["validation"]
        size, classes = self.classifier.backbone.feature_size, len(self._recipe.classes)
        learn = self._repeated(train, min(len(train), MOST_SOLVED))
        answer = self._repeated(validation, min(len(validation), MOST_SOLVED)) if validation else ()
        chance = torch.Generator().manual_seed(0)
        # Classes that overlap, and axes that matter less and less, as those of real features do.
        centres = torch.randn(classes, size, generator=chance)
        fading = torch.arange(1, size + 1).rsqrt() * 10

        def features(images: Sequence[RunImage]) -> Features:
            noise = torch.randn(len(images), size, generator=chance) * fading
            return Features.of(noise + centres[[image.label for image in images]] * CLASS_DISTANCE)

        session = replace(self._session(learn), validation=answer)
        given = (features(learn), features(answer))
        started = self._clock()
        solve_linear(session, *given, told=False, emit=ignore, control=self._control)
        seconds = self._clock() - started
        return seconds * len(train) * min(len(train), size) / (len(learn) * min(len(learn), size))

    # The end

    def evaluation(self, counts: Sequence[int]) -> float:
        """Seconds of the final figures.

        Args:
            counts: Images of each split that is looked at.
        """
        images = self._tried.images if self._tried else ()
        if not images or not sum(counts):
            return 0.0
        ready = self._recipe.strategy == "linear-probe" or sum(counts) >= WORTH_A_RUNTIME
        started = self._clock()
        self._ask(images[:1], ready=ready)
        first_seconds = self._clock() - started
        started = self._clock()
        self._ask(images, ready=ready)
        image_seconds = (self._clock() - started) / len(images)
        self._note_memory()
        making_ready = max(0.0, first_seconds - image_seconds)
        return sum(counts) * image_seconds + making_ready + self._test_decoding_seconds

    def _ask(self, images: Sequence[RunImage], *, ready: bool) -> None:
        answers = predict_images(
            self.classifier,
            [image.file for image in images],
            hashes=[image.sha256 for image in images],
            runtime=self._runtime if ready else None,
            control=self._control,
        )
        for _ in answers:
            self._control.check()

    # What the parts share

    def _session(self, images: tuple[RunImage, ...]) -> TrainingState:
        return TrainingState(
            run=self._run,
            recipe=self._recipe,
            classifier=self.classifier,
            train=images,
            validation=(),
            device=self._device,
            threads=self._threads,
            runtime=self._runtime,
        )

    @staticmethod
    def _repeated(images: Sequence[RunImage], count: int) -> tuple[RunImage, ...]:
        return tuple(images[number % len(images)] for number in range(count))

    def _note_memory(self) -> None:
        now = resident_memory_bytes()
        if now is not None:
            self.memory_bytes = max(now, self.memory_bytes or 0)
