"""The frozen stages as a function, computed by a chosen runtime that was shown to agree with float32."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from tlstudio.core.types import Preprocessing
from tlstudio.models.agreement import bounds_for, compare, probe_images
from tlstudio.models.runtime_records import key_of, recall, remember
from tlstudio.models.runtimes import REFERENCE, RUNTIMES, Compute, FrozenStages, Runtime
from tlstudio.models.stages import Backbone

log = logging.getLogger(__name__)

KEPT = 2
"""Graphs that stay in memory, so that the next run on the same backbone begins at once."""
COMPARED = 4
"""Images that are compared with the reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeChoice:
    """What computes the frozen stages. Written into a run's environment, so that it goes on with the same.

    Attributes:
        runtime: Its id.
        batch_size: Images per pass; part of what determines the last bits.
    """

    runtime: str = REFERENCE
    batch_size: int = 4


class InferenceGraph:
    """The frozen stages as a function from images to activations, always in batches of one size.

    Args:
        part: What to compute.
        runtime: What computes it.
        compute: What it built.
        shape: Of one image's activations.
    """

    def __init__(
        self, part: FrozenStages, runtime: Runtime, *, compute: Compute, shape: tuple[int, ...]
    ) -> None:
        self.shape = shape
        self.batch_size = part.batch_size
        self.workers = part.workers if runtime.concurrent else 1
        """How many threads may call at the same time."""
        self.runtime_id = runtime.id
        self.full_precision = runtime.full_precision
        self.precision = f"{runtime.id} {runtime.version()} on {part.device}, batches of {part.batch_size}"
        """What decides the last bits, for the keys of caches."""
        self._compute = compute

    def __call__(self, images: Tensor) -> Tensor:
        """Activations of some images; each image's do not depend on the others.

        Args:
            images: uint8 [N, 3, S, S] on the CPU, N from 1 to `batch_size`.

        Returns:
            float32 [N, …] on the part's device.
        """
        count = len(images)
        if count < self.batch_size:
            filling = images[-1:].expand(self.batch_size - count, *images.shape[1:])
            images = torch.cat([images, filling])
        return self._compute(images)[:count]


def inference_graph(
    backbone: Backbone,
    *,
    end: str | None,
    preprocessing: Preprocessing,
    weights_sha256: str,
    choice: RuntimeChoice,
    device: str = "cpu",
    threads: int = 1,
) -> InferenceGraph:
    """The stages below `end`, by the chosen runtime where it agrees with float32 for them, else by torch.

    Whether it agrees is looked at once for each weights and stage and remembered.

    Args:
        backbone: In eval mode, on `device`; its stages up to `end` stay as they are from now on.
        end: Stage to stop before; None for pooled features.
        preprocessing: Of the classifier.
        weights_sha256: Of the backbone.
        choice: See `choose_runtime`.
        device: torch's name.
        threads: To compute with on a processor.
    """
    part = FrozenStages(
        backbone=backbone,
        end=end,
        preprocessing=preprocessing,
        batch_size=choice.batch_size,
        device=device,
        threads=threads,
    )
    reference, runtime = RUNTIMES.get(REFERENCE), RUNTIMES.get(choice.runtime)
    if runtime.id == REFERENCE:
        return _graph(part, reference, reference.build(part, onnx=part.onnx))
    described = [
        weights_sha256,
        end,
        asdict(preprocessing),
        asdict(choice),
        runtime.version(),
        device,
        threads,
    ]
    key = key_of(described)
    if key in _kept:
        _kept.move_to_end(key)
        return _kept[key]
    known = recall("agreements", key)
    if known is None:
        compute, refusal = admit(part, runtime, onnx=part.onnx)
        remember("agreements", key, {"runtime": runtime.id, "stage": end or "features", "refusal": refusal})
    else:
        refusal = str(known.get("refusal"))
        compute = None if refusal else runtime.build(part, onnx=part.onnx)
    if compute is None:
        log.info("%s is computed by %s: %s", end or "features", REFERENCE, refusal)
        return _graph(part, reference, reference.build(part, onnx=part.onnx))
    graph = _graph(part, runtime, compute)
    if runtime.concurrent:
        _kept[key] = graph
        if len(_kept) > KEPT:
            _kept.popitem(last=False)
    return graph


_kept: OrderedDict[str, InferenceGraph] = OrderedDict()


def admit(part: FrozenStages, runtime: Runtime, *, onnx: Callable[[], bytes]) -> tuple[Compute | None, str]:
    """Build a runtime and compare it with the reference on structured images.

    Args:
        part: What to compute.
        runtime: What shall compute it.
        onnx: See `Runtime.build`.

    Returns:
        What was built, or None and the reason in a few words.
    """
    images = probe_images(part.batch_size, size=part.preprocessing.input_size)
    try:
        compute = runtime.build(part, onnx=onnx)
        got = compute(images)
        agreement = compare(got[:COMPARED], reference_activations(part, images[:COMPARED]))
        if not agreement.within(bounds_for(part.end)):
            return None, (
                f"its activations differ from float32 (cosine {agreement.mean_cosine:.6f} in the mean, "
                f"{agreement.worst_cosine:.6f} at worst)"
            )
        if not torch.equal(compute(images.roll(1, dims=0)), got.roll(1, dims=0)):
            return None, "an image's activations depend on the others of its batch"
    except Exception as error:
        log.info("the runtime %s cannot be used", runtime.id, exc_info=True)
        return None, f"it failed ({type(error).__name__})"
    return compute, ""


def reference_activations(part: FrozenStages, images: Tensor) -> Tensor:
    """Activations of some images as plain float32 gives them."""
    return RUNTIMES.get(REFERENCE).build(part, onnx=part.onnx)(images)


def _graph(part: FrozenStages, runtime: Runtime, compute: Compute) -> InferenceGraph:
    one = reference_activations(part, probe_images(1, size=part.preprocessing.input_size))
    return InferenceGraph(part, runtime, compute=compute, shape=tuple(one.shape[1:]))
