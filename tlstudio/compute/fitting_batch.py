"""How many images go through the network at once: as many as asked for, fewer once memory has run out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch

from tlstudio.compute.device import return_freed_memory
from tlstudio.core.errors import is_out_of_memory, out_of_memory
from tlstudio.core.events import Emit, WarningRaised

Result = TypeVar("Result")


class FittingBatch:
    """A number of images at once that is halved when memory runs out, and stays so.

    Args:
        size: To begin with; at least 1.
        device: torch's name, e.g. "cuda"; its unused memory is given back before each new try.
        run_id: Written into events.
        emit: Told of each halving.
    """

    def __init__(self, size: int, *, device: str, run_id: str, emit: Emit) -> None:
        self.size = size
        self._device = device
        self._run_id = run_id
        self._emit = emit

    def attempt(self, count: int, work: Callable[[int], Result]) -> Result:
        """Do some work, again from its beginning with half as many images at once if memory runs out.

        Args:
            count: Images that the work is about.
            work: Given how many to take at once. What it did before it ran out must not count.

        Returns:
            What `work` returns.

        Raises:
            UserError: Memory runs out with one image at a time.
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
            # Only here has the error let go of what the failed try held.
            free_unused_memory(self._device)
            self.size = size // 2
            message = (
                f"Memory ran out with {size} images at once; the run goes on with {self.size} at a time, "
                "which takes longer and learns the same."
            )
            self._emit(WarningRaised(run_id=self._run_id, code="less-memory", message=message))


def free_unused_memory(device: str) -> None:
    """Give back what is kept without being used: of a graphics card's memory by torch, else by glibc."""
    if device == "cuda":
        torch.cuda.empty_cache()
    elif device == "mps":
        torch.mps.empty_cache()
    else:
        return_freed_memory()
