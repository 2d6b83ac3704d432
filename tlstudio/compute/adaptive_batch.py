"""A batch size that is halved when memory runs out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch

from tlstudio.compute.device import return_freed_memory
from tlstudio.core.errors import is_out_of_memory, out_of_memory
from tlstudio.core.events import Emit, WarningRaised
from tlstudio.core.wording import count as counted

Result = TypeVar("Result")


class AdaptiveBatch:
    """A batch size that is halved each time memory runs out, and stays at the smaller value.

    Args:
        size: Initial number of images per batch; at least 1.
        device: torch's name, e.g. "cuda"; its unused memory is freed before each new attempt.
        run_id: Written into events.
        emit: Receives a warning for each halving.
    """

    def __init__(self, size: int, *, device: str, run_id: str, emit: Emit) -> None:
        self.size = size
        self._device = device
        self._run_id = run_id
        self._emit = emit

    def run(self, count: int, work: Callable[[int], Result]) -> Result:
        """Do some work; when memory runs out, do it again from its beginning with half the batch size.

        Args:
            count: Number of images to work on.
            work: Takes the batch size. What an attempt did before memory ran out must have no effect.

        Returns:
            The result of `work`.

        Raises:
            UserError: Memory ran out with one image at a time.
        """
        while True:
            size = min(self.size, count)
            try:
                return work(size)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                if size <= 1:
                    raise out_of_memory("with one image at a time") from error
            # Only after the except block are the tensors released that the error's traceback refers to.
            free_unused_memory(self._device)
            self.size = size // 2
            message = (
                f"Memory ran out with {counted(size, 'image')} at once; the run goes on with {self.size} at "
                "a time, which takes longer and learns the same."
            )
            self._emit(WarningRaised(run_id=self._run_id, code="less-memory", message=message))


def free_unused_memory(device: str) -> None:
    """Return unused memory to the system: that of a graphics card held by torch, else that held by glibc."""
    if device == "cuda":
        torch.cuda.empty_cache()
    elif device == "mps":
        torch.mps.empty_cache()
    else:
        return_freed_memory()
