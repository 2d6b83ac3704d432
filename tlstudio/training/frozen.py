"""The frozen side of the freeze line: images in, activations at the line out, each computed once.

Batches have one fixed size, the last one filled up with repeats, so an image's activations do not depend on
its companions: computed alone, in another order or after a kill, they are the same to the bit.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, Paused, StageProgress, StageStarted
from tlstudio.core.types import Preprocessing
from tlstudio.data.decode import UnreadableImageError
from tlstudio.models.runtime_choice import choose_runtime
from tlstudio.models.stages import Backbone
from tlstudio.models.weights import weights_sha256
from tlstudio.training.cache import DEFAULT_LIMIT_BYTES, ActivationStore, open_store
from tlstudio.training.images import ChangedImageError, RunImage, read_ahead
from tlstudio.training.inputs import KnownInputs, open_inputs
from tlstudio.training.views import View

BATCH_SIZE = 16
"""Images per pass; part of what determines the last bits, so part of the cache's key."""
LARGEST_FLOAT16 = 65504.0


class FrozenSide:
    """The stages below the freeze line as a function from images to activations.

    Args:
        backbone: Its stages up to `end` must stay as they are from now on.
        end: First trainable stage; None for pooled features, when the head alone trains. For the first stage
            the "activations" are the inputs themselves, uint8.
        preprocessing: Of the classifier.
        device: Where to compute.
        threads: Decoding threads.
        limit_bytes: For the whole activation cache.
        runtime: See `choose_runtime`.

    Raises:
        UserError: The runtime that was insisted on cannot be used.
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
        runtime: str | None = None,
    ) -> None:
        self.end = end
        self.preprocessing = preprocessing
        self.device = device
        self.threads = threads
        self.store: ActivationStore
        self._backbone = backbone.eval().to(device=device)
        for parameter in backbone.parameters():
            if parameter.ndim == 4:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
        self._inputs_only = end == backbone.stage_names[0]
        self._limit_bytes = limit_bytes
        if self._inputs_only:
            self.store = self._inputs()
            return
        weights = weights_sha256(backbone)
        self._graph = choose_runtime(
            backbone,
            end=end,
            preprocessing=preprocessing,
            weights_sha256=weights,
            batch_size=BATCH_SIZE,
            device=device,
            threads=torch.get_num_threads(),
            asked=runtime,
        )
        about = {
            "backbone": backbone.id,
            "weights_sha256": weights,
            "stage": end or "features",
            "preprocessing": asdict(preprocessing),
            "precision": f"{self._graph.precision} on {device}, batches of {BATCH_SIZE}, kept as float16",
        }
        self.store = open_store(about, shape=self._graph.shape, dtype="float16", limit_bytes=limit_bytes)

    def _inputs(self) -> ActivationStore:
        return open_inputs(self.preprocessing, limit_bytes=self._limit_bytes)

    @torch.inference_mode()
    def _compute(self, inputs: Sequence[Tensor]) -> Tensor:
        """Activations [len(inputs), …] on the CPU, float16 (uint8 for the inputs themselves)."""
        batch = torch.stack(list(inputs))
        if self._inputs_only:
            return batch
        activations = self._graph(batch)
        return activations.clamp(-LARGEST_FLOAT16, LARGEST_FLOAT16).half().cpu().contiguous()

    def collect(
        self, images: Sequence[RunImage], views: Sequence[View], *, run_id: str, emit: Emit, control: Control
    ) -> Activations:
        """Make sure that all activations are in the cache; what is there already costs nothing.

        Args:
            images: Of the run.
            views: At least the plain one.
            run_id: Written into events.
            emit: Told how far it is.
            control: Asked once per image.

        Raises:
            UserError: An image can no longer be read, or is another one now.
            Cancelled: The person cancelled; what was computed stays.
        """
        unique = list({image.sha256: image for image in images}.values())
        absent = set(self.store.missing(_key(image, view) for image in unique for view in views))
        todo = [image for image in unique if any(_key(image, view) in absent for view in views)]
        if todo:
            title = "Looking at the images"
            emit(StageStarted(run_id=run_id, stage="features", title=title, total=len(todo)))
            self._fill(todo, views, absent, run_id=run_id, emit=emit, control=control)
        return Activations(store=self.store, images=tuple(images), views=tuple(views))

    def _fill(
        self,
        todo: Sequence[RunImage],
        views: Sequence[View],
        absent: set[str],
        *,
        run_id: str,
        emit: Emit,
        control: Control,
    ) -> None:
        started = time.monotonic()
        keys: list[str] = []
        inputs: list[Tensor] = []
        for done, (image, decoded) in enumerate(self._decoded(todo), 1):
            control.check(on_pause=lambda: emit(Paused(run_id=run_id)))
            for view in views:
                if _key(image, view) in absent:
                    keys.append(_key(image, view))
                    inputs.append(view.apply(decoded, sha256=image.sha256))
            while len(inputs) >= BATCH_SIZE or (inputs and done == len(todo)):
                self.store.append(keys[:BATCH_SIZE], self._compute(inputs[:BATCH_SIZE]).numpy())
                del keys[:BATCH_SIZE], inputs[:BATCH_SIZE]
            seconds = max(time.monotonic() - started, 1e-6)
            emit(
                StageProgress(
                    run_id=run_id,
                    stage="features",
                    done=done,
                    total=len(todo),
                    seconds_left=seconds / done * (len(todo) - done),
                    images_per_second=done / seconds,
                )
            )

    def _decoded(self, todo: Sequence[RunImage]) -> Iterator[tuple[RunImage, Tensor]]:
        files = [(image.file, image.sha256) for image in todo]
        known = None if self._inputs_only else KnownInputs(self._inputs(), (sha256 for _, sha256 in files))
        decoding = read_ahead(files, preprocessing=self.preprocessing, threads=self.threads, known=known)
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
            yield image, decoded


@dataclass(frozen=True, slots=True, kw_only=True)
class Activations:
    """Cached activations of the images of a run, in their order.

    Attributes:
        store: Where they lie.
        images: N images.
        views: V views, the plain one first.
    """

    store: ActivationStore
    images: tuple[RunImage, ...]
    views: tuple[View, ...]

    def read(self, indices: Sequence[int], view_indices: Sequence[int] | None = None) -> Tensor:
        """Activations of some images.

        Args:
            indices: Of images.
            view_indices: Of the view of each; None is the plain one for all.

        Returns:
            float16 (uint8 for inputs) [len(indices), …].
        """
        chosen = view_indices if view_indices is not None else [0] * len(indices)
        keys = [_key(self.images[i], self.views[v]) for i, v in zip(indices, chosen, strict=True)]
        return torch.from_numpy(self.store.read(keys))

    def mark_used(self) -> None:
        """Keep them from being evicted during a long training."""
        self.store.mark_used()


def _key(image: RunImage, view: View) -> str:
    return f"{image.sha256}/{view.id}"
