"""The frozen stages as a function, computed by a runtime whose results were compared with float32 torch."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import torch
from torch import Tensor

from tlstudio.core.types import Preprocessing
from tlstudio.models.frozen.agreement import bounds_for, compare, probe_images
from tlstudio.models.frozen.runtime_records import key_of, read_record, write_record
from tlstudio.models.frozen.stages import Compute, FrozenStages
from tlstudio.models.runtimes import REFERENCE, Runtime, find_runtime
from tlstudio.models.stages import Backbone

log = logging.getLogger(__name__)

MOST_CACHED = 2
"""Graphs kept in memory, so that the next run on the same backbone starts at once."""
COMPARED = 4
"""Images that are compared with the reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeChoice:
    """The runtime that computes the frozen stages; stored with a run, so that the resumed run uses it too.

    Attributes:
        runtime: Id of the runtime.
        batch_size: Images per pass; it influences the last bits of the results.
    """

    runtime: str = REFERENCE
    batch_size: int = 4


class InferenceGraph:
    """The frozen stages as a function from images to activations, always in batches of one size.

    Args:
        stages: What is computed.
        runtime: What computes it.
        compute: Built by the runtime.
        shape: Shape of one image's activations.
    """

    def __init__(
        self, stages: FrozenStages, runtime: Runtime, *, compute: Compute, shape: tuple[int, ...]
    ) -> None:
        self.shape = shape
        self.batch_size = stages.batch_size
        self.workers = stages.workers if runtime.concurrent else 1
        """Number of threads that may call at the same time."""
        self.runtime_id = runtime.id
        self.full_precision = runtime.full_precision
        self.precision = (
            f"{runtime.id} {runtime.version()} on {stages.device}, batches of {stages.batch_size}"
        )
        """Everything that influences the last bits of the results, for the keys of caches."""
        self._compute = compute

    def __call__(self, images: Tensor) -> Tensor:
        """Compute activations of some images; those of one image do not depend on the others in the batch.

        Args:
            images: uint8 [N, 3, S, S] on the CPU, N from 1 to `batch_size`.

        Returns:
            float32 [N, …] on the device.
        """
        count = len(images)
        if count < self.batch_size:
            padding = images[-1:].expand(self.batch_size - count, *images.shape[1:])
            images = torch.cat([images, padding])
        return self._compute(images)[:count]


_cached: OrderedDict[str, InferenceGraph] = OrderedDict()


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
    """Make a function of the stages before `end`: on the chosen runtime if that agrees, else on torch.

    The comparison is made once for each combination of weights and stage; its result is stored.

    Args:
        backbone: In eval mode, on `device`; its stages before `end` must not change from now on.
        end: Stage to stop before; None for pooled features.
        preprocessing: Of the classifier.
        weights_sha256: Hash of the backbone's weights.
        choice: From `choose_runtime`.
        device: torch's name of the device.
        threads: CPU threads to compute with.
    """
    stages = FrozenStages(
        backbone=backbone,
        end=end,
        preprocessing=preprocessing,
        batch_size=choice.batch_size,
        device=device,
        threads=threads,
    )
    reference, runtime = find_runtime(REFERENCE), find_runtime(choice.runtime)
    if runtime.id == REFERENCE:
        return _graph(stages, reference, reference.build(stages, onnx=stages.onnx))
    key = key_of(
        [
            weights_sha256,
            end,
            replace(preprocessing, values=None).as_values(),
            asdict(choice),
            runtime.version(),
            device,
            threads,
        ]
    )
    if key in _cached:
        _cached.move_to_end(key)
        return _cached[key]
    known = read_record("agreements", key)
    if known is None:
        compute, refusal = build_if_it_agrees(stages, runtime, onnx=stages.onnx)
        write_record(
            "agreements", key, {"runtime": runtime.id, "stage": end or "features", "refusal": refusal}
        )
    else:
        refusal = str(known.get("refusal"))
        compute = None if refusal else runtime.build(stages, onnx=stages.onnx)
    if compute is None:
        log.info("%s is computed by %s: %s", end or "features", REFERENCE, refusal)
        return _graph(stages, reference, reference.build(stages, onnx=stages.onnx))
    graph = _graph(stages, runtime, compute)
    if runtime.concurrent:
        _cached[key] = graph
        if len(_cached) > MOST_CACHED:
            _cached.popitem(last=False)
    return graph


def build_if_it_agrees(
    stages: FrozenStages, runtime: Runtime, *, onnx: Callable[[], bytes]
) -> tuple[Compute | None, str]:
    """Build a runtime and compare it with the reference on synthetic images.

    Args:
        stages: What to compute.
        runtime: To compute it with.
        onnx: See `Runtime.build`.

    Returns:
        The computation and an empty string, or None and the reason in a few words.
    """
    images = probe_images(stages.batch_size, size=stages.preprocessing.input_size)
    try:
        compute = runtime.build(stages, onnx=onnx)
        activations = compute(images)
        agreement = compare(activations[:COMPARED], reference_activations(stages, images[:COMPARED]))
        if not agreement.within(bounds_for(stages.end)):
            return None, (
                f"its activations differ from float32 (cosine {agreement.mean_cosine:.6f} in the mean, "
                f"{agreement.worst_cosine:.6f} at worst)"
            )
        if not torch.equal(compute(images.roll(1, dims=0)), activations.roll(1, dims=0)):
            return None, "an image's activations depend on the others of its batch"
    except Exception as error:
        log.info("the runtime %s cannot be used", runtime.id, exc_info=True)
        return None, f"it failed ({type(error).__name__})"
    return compute, ""


def reference_activations(stages: FrozenStages, images: Tensor) -> Tensor:
    """Compute activations of some images with the reference runtime."""
    return find_runtime(REFERENCE).build(stages, onnx=stages.onnx)(images)


def _graph(stages: FrozenStages, runtime: Runtime, compute: Compute) -> InferenceGraph:
    one = reference_activations(stages, probe_images(1, size=stages.preprocessing.input_size))
    return InferenceGraph(stages, runtime, compute=compute, shape=tuple(one.shape[1:]))
