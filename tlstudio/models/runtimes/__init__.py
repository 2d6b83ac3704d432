"""The implementation of each runtime: the module named like its id defines `IMPLEMENTATION`.

A runtime computes frozen stages. The reference is PyTorch in float32, as the trained classifier computes; any
other is used only where its activations agree with the reference (`models.frozen.inference_graph`) and where
it is clearly faster (`models.frozen.runtime_choice`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, cast

from tlstudio.models.frozen.stages import Compute, FrozenStages
from tlstudio.specs import RUNTIMES
from tlstudio.specs.registry import implementation

REFERENCE = next(spec.id for spec in RUNTIMES if spec.reference)
"""Id of the runtime that all others are compared with."""


class Runtime(Protocol):
    """Computes frozen stages with one library in one precision."""

    @property
    def id(self) -> str:
        """The id of its spec: used in settings and in the keys of cached activations."""
        ...

    @property
    def concurrent(self) -> bool:
        """True if `stages.workers` threads may call what `build` returns at the same time.

        It then holds a copy of the weights, so that later changes of the backbone do not reach it.
        """
        ...

    @property
    def full_precision(self) -> bool:
        """True if it computes in float32 throughout."""
        ...

    def version(self) -> str:
        """Version of the library that computes; called only where the runtime is usable."""
        ...

    def usable(self, device: str) -> bool:
        """Return whether it is installed and can compute on this device, without importing anything."""
        ...

    def build(self, stages: FrozenStages, *, onnx: Callable[[], bytes]) -> Compute:
        """Prepare the computation.

        Args:
            stages: What to compute.
            onnx: `stages.onnx`, or a cached call of it that several runtimes share.

        Raises:
            Exception: Of any kind, where this runtime cannot compute these stages.
        """
        ...


def find_runtime(runtime_id: str) -> Runtime:
    """The runtime with an id.

    Raises:
        KeyError: There is no such runtime.
    """
    return cast(Runtime, implementation(RUNTIMES.get(runtime_id), package=__name__))


def usable_runtimes(device: str) -> list[Runtime]:
    """The runtimes that can be used on a device of this computer."""
    return [runtime for runtime in map(find_runtime, RUNTIMES.ids()) if runtime.usable(device)]
