"""The physical limit: every image decoded once and sent through the backbone once, and nothing else.

Two probes, each with all cores: decoding alone by the fastest equal decoder, and the forward pass alone by
the fastest equal runtime. "Equal" is measured on the images themselves, against plain float32 torch on the
reference decoding: cosine of the features at least 0.9999 in the mean and 0.999 in the worst.
"""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tests.benchmarks.measuring import answer, cores
from tlstudio.compute.device import keep_freed_memory
from tlstudio.core.types import Preprocessing
from tlstudio.data.preprocessing import to_input
from tlstudio.features.images import read_input
from tlstudio.models.backbones import load_backbone
from tlstudio.models.frozen.stages import FrozenStages
from tlstudio.models.onnx.graph import INPUT
from tlstudio.models.onnx.recording import UntranslatableError
from tlstudio.models.runtimes import REFERENCE, usable_runtimes
from tlstudio.models.stages import Backbone

LEAST_MEAN_COSINE, LEAST_COSINE = 0.9999, 0.999
CHECKED = 32
"""Images that equality is looked at on."""
PROBED = 64
"""Images that candidates are timed on."""
HOPELESS = 2.0
"""Times slower than the fastest on the first images: not timed again."""
BATCHES = (4, 16)

Decoder = Callable[[Path, Preprocessing], Tensor]
Forward = Callable[[Tensor], Tensor]
"""From uint8 [N, 3, S, S] to features float32 [N, F]."""


def by_tlstudio(file: Path, preprocessing: Preprocessing) -> Tensor:
    """As the app does it."""
    return read_input(file, preprocessing=preprocessing)


def by_torchvision(file: Path, preprocessing: Preprocessing) -> Tensor:
    """torchvision's JPEG decoder and the same resizing; raises for other formats."""
    from torchvision.io import ImageReadMode, decode_jpeg, read_file

    pixels = decode_jpeg(read_file(str(file)), mode=ImageReadMode.RGB)
    return to_input(pixels.permute(1, 2, 0).contiguous().numpy(), preprocessing)


DECODERS: dict[str, Decoder] = {"tlstudio": by_tlstudio, "torchvision decode_jpeg": by_torchvision}


def decode_all(files: Sequence[Path], decoder: Decoder, preprocessing: Preprocessing) -> list[Tensor]:
    """All images, by as many threads as there are cores."""
    torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(cores()) as pool:
            return list(pool.map(lambda file: decoder(file, preprocessing), files))
    finally:
        torch.set_num_threads(cores())


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One way of the forward pass: so many images at once, in so many threads."""

    batch: int
    workers: int
    forward: Forward


def forwards(backbone: Backbone) -> dict[str, Candidate]:
    """Candidates by name. What cannot run on this machine is left out.

    Those the app chooses from, several batches at once where they can, and ONNX Runtime with all cores on one
    batch and threads that wait by spinning.
    """
    found: dict[str, Candidate] = {}
    for batch in BATCHES:
        part = FrozenStages(
            backbone=backbone,
            end=None,
            preprocessing=backbone.preprocessing,
            batch_size=batch,
            device="cpu",
            threads=cores(),
        )
        graph = functools.cache(part.onnx)
        builders: dict[str, tuple[int, Callable[[], Forward]]] = {
            runtime.id: (
                part.workers if runtime.concurrent else 1,
                functools.partial(runtime.build, part, onnx=graph),
            )
            for runtime in usable_runtimes("cpu")
        }
        builders["onnx-runtime, spinning"] = 1, functools.partial(_spinning, graph)
        for name, (workers, build) in builders.items():
            with contextlib.suppress(UntranslatableError):
                candidate = Candidate(batch=batch, workers=workers, forward=build())
                found[f"{name}, batches of {batch}, {workers} at once"] = candidate
    return found


def _spinning(graph: Callable[[], bytes]) -> Forward:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = cores()
    session = onnxruntime.InferenceSession(graph(), options, providers=["CPUExecutionProvider"])
    return lambda images: torch.from_numpy(session.run(None, {INPUT: images.numpy()})[0])


def run_batches(images: Tensor, candidate: Candidate) -> Tensor:
    """Features of all images, by batches of one size, the last one filled up."""
    batch = candidate.batch

    def compute(start: int) -> Tensor:
        part = images[start : start + batch]
        filled = torch.cat([part, part[-1:].expand(batch - len(part), -1, -1, -1)])
        return candidate.forward(filled.contiguous())[: len(part)]

    starts = range(0, len(images), batch)
    if candidate.workers == 1:
        return torch.cat([compute(start) for start in starts])
    with ThreadPoolExecutor(candidate.workers) as pool:
        return torch.cat(list(pool.map(compute, starts)))


def equal(features: Tensor, reference: Tensor) -> bool:
    """Return whether features are the reference's, within the tolerance of this module."""
    cosine = torch.nn.functional.cosine_similarity(features.double(), reference.double())
    return bool(cosine.mean() >= LEAST_MEAN_COSINE and cosine.min() >= LEAST_COSINE)


def probe(*, folder: str, backbone: str, weights: str | None) -> dict[str, Any]:
    """Seconds of decoding all photos of a folder once, and of one forward pass over them.

    Returns:
        `{"images", "decode_seconds", "decoder", "forward_seconds", "runtime", "candidates"}`; candidates are
        ms per image of each runtime, None where it is not equal.
    """
    keep_freed_memory()
    torch.set_num_threads(cores())
    files = sorted(Path(folder).glob("*/*.jpg"))
    model = load_backbone(backbone, weights_file=Path(weights) if weights else None).eval()
    prepared = model.preprocessing
    few = files[:: max(1, len(files) // CHECKED)][:CHECKED]
    available = forwards(model)
    plain = available[f"{REFERENCE}, batches of {BATCHES[0]}, 1 at once"]
    images = torch.stack(decode_all(few, by_tlstudio, prepared))
    reference = run_batches(images, plain)

    decoders = {}
    for name, decoder in DECODERS.items():
        decoded = torch.stack(decode_all(few, decoder, prepared))
        if equal(run_batches(decoded, plain), reference):
            decoders[name] = min(_timed(decode_all, files[:PROBED], decoder, prepared)[0] for _ in range(2))
    decoder_name = min(decoders, key=lambda name: decoders[name])
    decode_seconds, all_images = _timed(decode_all, files, DECODERS[decoder_name], prepared)

    batches = torch.stack(all_images)
    candidates: dict[str, float | None] = {}
    for name, candidate in available.items():
        seconds, features = _timed(run_batches, images, candidate)
        candidates[name] = seconds / len(images) * 1000 if equal(features, reference) else None
    best = min(value for value in candidates.values() if value)
    for name in [name for name, value in candidates.items() if value and value < HOPELESS * best]:
        again = min(_timed(run_batches, batches[:PROBED], available[name])[0] for _ in range(2))
        candidates[name] = again / len(batches[:PROBED]) * 1000
    runtime = min((name for name in candidates if candidates[name]), key=lambda name: candidates[name] or 0.0)
    forward_seconds, _ = _timed(run_batches, batches, available[runtime])
    return {
        "images": len(files),
        "decode_seconds": decode_seconds,
        "decoder": decoder_name,
        "forward_seconds": forward_seconds,
        "runtime": runtime,
        "candidates": candidates,
    }


def _timed(function: Callable[..., Any], *arguments: Any) -> tuple[float, Any]:
    started = time.perf_counter()
    result = function(*arguments)
    return time.perf_counter() - started, result


if __name__ == "__main__":
    answer(probe)
