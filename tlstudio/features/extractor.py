"""Extracts activations at the freeze line: runs the frozen stages once per image and caches the result.

Batches have a fixed size, the last one is padded with repeats. So the activations of an image are the same,
bit for bit, whichever other images are in its batch: computed alone, in another order or after a kill.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tlstudio.compute.device import single_threaded_pool
from tlstudio.compute.read_ahead import map_ahead
from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, Paused, StageStarted
from tlstudio.core.progress import ThrottledProgress
from tlstudio.core.types import Preprocessing
from tlstudio.data.decode import UnreadableImageError
from tlstudio.features.decoded_inputs import InputCache, open_input_store
from tlstudio.features.exact_features import MOST_HELD, ExactFeatures
from tlstudio.features.images import ChangedImageError, RunImage, read_ahead
from tlstudio.features.store import DEFAULT_LIMIT_BYTES, ActivationStore, open_store
from tlstudio.features.table import Features
from tlstudio.features.views import View, views_in_epoch
from tlstudio.models.frozen.inference_graph import InferenceGraph, RuntimeChoice, inference_graph
from tlstudio.models.stages import Backbone
from tlstudio.models.weights import weights_sha256

WRITTEN_AT_ONCE = 16
"""Activations written together; a kill loses at most so many."""
INPUTS_AT_ONCE = 16
TIMED_IMAGES = 32
"""Images on which the speed is measured, twice."""
LARGEST_FLOAT16 = 65504.0


class FeatureExtractor:
    """The frozen stages of a backbone as a function from images to cached activations.

    Args:
        backbone: Its stages up to `end` must not change from now on.
        end: First trainable stage; None for pooled features, when the head alone trains. When it is the first
            stage, the "activations" are the inputs themselves, uint8.
        preprocessing: Of the classifier.
        device: torch's name of the device that computes.
        threads: Decoding threads.
        limit_bytes: Size limit of the whole activation cache.
        runtime: See `choose_runtime`; replaced by float32 torch when it does not agree with that.
        weights: SHA-256 of the backbone's weights; computed when None.
        exact_features: Receives features as they are computed from images, when the head alone trains.
    """

    def __init__(
        self,
        backbone: Backbone,
        *,
        end: str | None,
        preprocessing: Preprocessing,
        device: str,
        threads: int,
        limit_bytes: int = DEFAULT_LIMIT_BYTES,
        runtime: RuntimeChoice | None = None,
        weights: str | None = None,
        exact_features: ExactFeatures | None = None,
    ) -> None:
        self.end = end
        self.preprocessing = preprocessing
        self.device = device
        self.threads = threads
        self._backbone = backbone.eval().to(device=device)
        for parameter in backbone.parameters():
            if parameter.ndim == 4:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
        self._limit_bytes = limit_bytes
        self._exact_features = exact_features if end is None else None
        self._graph: InferenceGraph | None = None
        """Computes the activations; None when they are the inputs themselves."""
        if end == backbone.stage_names[0]:
            self.store: ActivationStore = open_input_store(preprocessing, limit_bytes=limit_bytes)
            return
        weights = weights or weights_sha256(self._backbone)
        self._graph = inference_graph(
            self._backbone,
            end=end,
            preprocessing=preprocessing,
            weights_sha256=weights,
            choice=runtime or RuntimeChoice(),
            device=device,
            # Read here, because the number can differ in the thread that collects later.
            threads=torch.get_num_threads(),
        )
        about = {
            "backbone": backbone.id,
            "weights_sha256": weights,
            "stage": end or "features",
            "preprocessing": preprocessing.as_values(),
            "precision": f"{self._graph.precision}, kept as float16",
        }
        self.store = open_store(about, shape=self._graph.shape, dtype="float16", limit_bytes=limit_bytes)

    @property
    def is_exact(self) -> bool:
        """True if activations equal the backbone's in float32, before they are rounded for the cache."""
        return self._graph is not None and self._graph.full_precision

    def records_exact(self, images: Sequence[RunImage]) -> bool:
        """Return whether `ExactFeatures` will hold the features of these images."""
        return self.is_exact and self.end is None and len(images) <= MOST_HELD

    @property
    def images_at_once(self) -> int:
        """Number of images that are computed at the same time."""
        return self._batch_size * self._workers

    @property
    def _batch_size(self) -> int:
        return self._graph.batch_size if self._graph is not None else INPUTS_AT_ONCE

    @property
    def _workers(self) -> int:
        return self._graph.workers if self._graph is not None else 1

    def collect(
        self, *parts: ViewRequest, run_id: str, emit: Emit, control: Control
    ) -> tuple[Activations, ...]:
        """Compute those activations that are not in the cache yet, all in one pass.

        Args:
            parts: Images of the run, each with the views to compute of them, at least the plain one.
            run_id: Written into events.
            emit: Receives progress.
            control: Checked once per image.

        Raises:
            UserError: An image can no longer be read, or its content changed.
            Cancelled: The job was cancelled; computed activations stay cached.

        Returns:
            The activations of each part, in the order given.
        """
        requested = _by_key(*parts)
        missing: dict[str, tuple[RunImage, list[View]]] = {}
        pause = Paused(run_id=run_id)
        check = partial(control.check, on_pause=lambda: emit(pause))
        for key in self.store.missing(requested, between=check):
            image, view = requested[key]
            missing.setdefault(image.sha256, (image, []))[1].append(view)
        if missing:
            title = "Looking at new images"
            emit(StageStarted(run_id=run_id, stage="features", title=title, total=len(missing)))
            self._fill(list(missing.values()), run_id=run_id, emit=emit, control=control)
        return tuple(
            Activations(extractor=self, images=tuple(images), views=tuple(views)) for images, views in parts
        )

    def seconds_per_1000(
        self,
        images: Sequence[RunImage],
        *,
        repeats: int = 2,
        clock: Callable[[], float] = time.perf_counter,
    ) -> float:
        """Measure how long computing the activations of 1000 decoded images takes; nothing is cached.

        Args:
            images: The first `TIMED_IMAGES` that can be read are measured; without any it takes 0 seconds.
            repeats: How often it is measured; the fastest counts, since other programs only ever make one
                slower.
            clock: Seconds.
        """
        files = [(image.file, image.sha256) for image in images[:TIMED_IMAGES]]
        reading = read_ahead(files, preprocessing=self.preprocessing, threads=self.threads)
        with closing(reading):
            inputs = [read for read in reading if isinstance(read, Tensor)]
        if not inputs:
            return 0.0
        return 1000 * min(self._seconds_for(torch.stack(inputs), clock) for _ in range(repeats)) / len(inputs)

    def _seconds_for(self, inputs: Tensor, clock: Callable[[], float]) -> float:
        """Measure how long computing the activations of decoded inputs, uint8 [N, 3, S, S], takes."""
        graph = self._graph
        if graph is None:
            return 0.0

        @torch.inference_mode()
        def compute(batch: Tensor) -> None:
            graph(batch)

        started = clock()
        computed = map_ahead(
            compute,
            torch.split(inputs, graph.batch_size),
            threads=graph.workers,
            ahead=2 * graph.workers,
            name="frozen",
            make_pool=single_threaded_pool,
        )
        with closing(computed):
            for _ in computed:
                pass
        return clock() - started

    @torch.inference_mode()
    def _compute(self, batch: _Batch) -> tuple[list[str], NDArray[Any]]:
        """Compute a batch: its keys and activations [N, …], float16 (uint8 for the inputs themselves)."""
        pairs, inputs = batch
        keys = [_key(image, view) for image, view in pairs]
        stacked = torch.stack(inputs)
        if self._graph is None:
            return keys, stacked.numpy()
        activations = self._graph(stacked)
        if self._exact_features is not None and self.is_exact:
            self._exact_features.record(((image.sha256, view) for image, view in pairs), activations)
        rounded = activations.clamp(-LARGEST_FLOAT16, LARGEST_FLOAT16).half()
        return keys, rounded.cpu().contiguous().numpy()

    def _fill(
        self,
        todo: Sequence[tuple[RunImage, Sequence[View]]],
        *,
        run_id: str,
        emit: Emit,
        control: Control,
    ) -> None:
        workers, size = self._workers, self._batch_size
        progress = ThrottledProgress(len(todo), stage="features", run_id=run_id, emit=emit)

        def batches() -> Iterator[_Batch]:
            pairs: list[tuple[RunImage, View]] = []
            inputs: list[Tensor] = []
            decoding = self._decoded([image for image, _ in todo])
            for (image, views), decoded in zip(todo, decoding, strict=True):
                control.check(on_pause=lambda: emit(Paused(run_id=run_id)))
                pairs += [(image, view) for view in views]
                inputs += [view.apply(decoded, sha256=image.sha256) for view in views]
                progress.step()
                while len(inputs) >= size:
                    yield pairs[:size], inputs[:size]
                    del pairs[:size], inputs[:size]
            if inputs:
                yield pairs, inputs

        # Written in groups: each write first reads what another process may have added.
        unwritten: list[tuple[list[str], NDArray[Any]]] = []
        computed = map_ahead(
            self._compute,
            batches(),
            threads=workers,
            ahead=2 * workers,
            name="frozen",
            make_pool=single_threaded_pool,
        )
        try:
            with closing(computed):
                for batch in computed:
                    unwritten.append(batch)
                    if sum(len(keys) for keys, _ in unwritten) >= WRITTEN_AT_ONCE:
                        _write(self.store, unwritten)
        finally:
            _write(self.store, unwritten)

    def _decoded(self, todo: Sequence[RunImage]) -> Iterator[Tensor]:
        files = [(image.file, image.sha256) for image in todo]
        cache = (
            None
            if self._graph is None
            else InputCache(open_input_store(self.preprocessing, limit_bytes=self._limit_bytes))
        )
        decoding = read_ahead(files, preprocessing=self.preprocessing, threads=self.threads, cache=cache)
        for image, decoded in zip(todo, decoding, strict=True):
            if isinstance(decoded, UnreadableImageError):
                raise UserError(
                    f"The image {image.path} can no longer be read: {decoded.reason}",
                    work="What was computed so far is kept.",
                    mend=decoded.mend,
                )
            if isinstance(decoded, ChangedImageError):
                raise UserError(
                    f"The image {image.path} was changed while it was in use.",
                    work="What was computed so far is kept.",
                    mend="Train again, so that the images are read anew.",
                )
            yield decoded


@dataclass(frozen=True, slots=True, kw_only=True)
class Activations:
    """Cached activations of the images of a run, in their order.

    Attributes:
        extractor: The extractor that computed them; computes further views.
        images: N images.
        views: V views, the plain one first.
    """

    extractor: FeatureExtractor
    images: tuple[RunImage, ...]
    views: tuple[View, ...]

    @property
    def store(self) -> ActivationStore:
        """The store that holds them."""
        return self.extractor.store

    def read(self, indices: Sequence[int], view_indices: Sequence[int] | None = None) -> Tensor:
        """Read activations of some images.

        Args:
            indices: Of images.
            view_indices: For each image the index of its view; None reads the plain view of all.

        Returns:
            float16 (uint8 for inputs) [len(indices), …].
        """
        chosen = view_indices if view_indices is not None else [0] * len(indices)
        keys = [_key(self.images[i], self.views[v]) for i, v in zip(indices, chosen, strict=True)]
        return torch.from_numpy(self.store.read(keys))

    def features(self) -> Features:
        """The pooled features of the plain images, read in blocks; only without trainable stages."""
        rows = self.store.rows([_key(image, self.views[0]) for image in self.images])

        def read(rows: Tensor) -> Tensor:
            return torch.from_numpy(self.store.read_rows(rows.numpy()))

        return Features(read, rows=torch.from_numpy(rows), size=self.store.shape[0])

    def views_in_epoch(self, epoch: int) -> int:
        """See `views.views_in_epoch`."""
        return views_in_epoch(self.views, epoch)

    def start_epoch(self, epoch: int) -> None:
        """Mark the store as in use, so that it is not evicted during a long training."""
        self.store.mark_used()


ViewRequest = tuple[Sequence[RunImage], Sequence[View]]
"""Images, and the views to compute of each."""
_Batch = tuple[list[tuple[RunImage, View]], list[Tensor]]
"""Images with their views, and the input of each, uint8 [3, S, S]."""


def _write(store: ActivationStore, batches: list[tuple[list[str], NDArray[Any]]]) -> None:
    """Write batches to the cache and empty the list."""
    if batches:
        keys = [key for keys, _ in batches for key in keys]
        store.append(keys, np.concatenate([activations for _, activations in batches]))
        batches.clear()


def _by_key(*parts: ViewRequest) -> dict[str, tuple[RunImage, View]]:
    return {_key(image, view): (image, view) for images, views in parts for image in images for view in views}


def _key(image: RunImage, view: View) -> str:
    return f"{image.sha256}/{view.id}"
