from __future__ import annotations

import gc
import weakref

import pytest
import torch

from tlstudio.compute import adaptive_batch as memory
from tlstudio.compute.adaptive_batch import AdaptiveBatch, free_unused_memory
from tlstudio.core.errors import UserError
from tlstudio.core.events import Event, WarningRaised, ignore

CARD = "CUDA out of memory. Tried to allocate 20.00 MiB."
CPU = "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you tried"


def fitting(size: int, *, emit=ignore) -> AdaptiveBatch:
    return AdaptiveBatch(size, device="cpu", run_id="r", emit=emit)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError(CARD),
        RuntimeError(CPU),
        RuntimeError("MPS backend out of memory"),
        MemoryError(),
    ],
)
def test_work_is_repeated_with_half_the_size_and_each_halving_is_warned_about_once(error: Exception):
    events: list[Event] = []
    tried: list[int] = []

    def work(size: int) -> str:
        tried.append(size)
        if size > 3:
            raise error
        return "done"

    batch = fitting(16, emit=events.append)
    assert batch.run(100, work) == "done"
    assert tried == [16, 8, 4, 2]
    assert [(type(event), event.code) for event in events] == [(WarningRaised, "less-memory")] * 3
    assert "16 images at once" in events[0].message
    assert "8 at a time" in events[0].message
    batch.run(100, work)
    assert tried[4:] == [2]
    assert len(events) == 3


def test_the_size_that_was_used_is_halved_not_the_size_that_was_allowed():
    tried: list[int] = []

    def work(size: int) -> None:
        tried.append(size)
        if size > 2:
            raise MemoryError

    fitting(64).run(5, work)
    assert tried == [5, 2]


def test_one_image_that_does_not_fit_is_a_user_error():
    def work(size: int) -> None:
        raise RuntimeError(CPU)

    with pytest.raises(UserError, match="out of memory with one image at a time") as raised:
        fitting(4).run(9, work)
    assert "smaller backbone" in raised.value.mend
    assert "freeze line" in raised.value.mend


def test_other_errors_are_raised_unchanged():
    events: list[Event] = []

    def work(size: int) -> None:
        raise RuntimeError("shapes do not fit")

    with pytest.raises(RuntimeError, match="shapes"):
        fitting(4, emit=events.append).run(9, work)
    assert events == []


def test_memory_of_a_failed_attempt_is_freed_before_the_next(monkeypatch: pytest.MonkeyPatch):
    class Block:
        pass

    held: list[weakref.ref[Block]] = []
    freed: list[bool] = []

    def look(device: str) -> None:
        gc.collect()
        freed.append(held[-1]() is None)

    def work(size: int) -> None:
        block = Block()
        held.append(weakref.ref(block))
        if size > 1:
            raise MemoryError

    monkeypatch.setattr(memory, "free_unused_memory", look)
    fitting(4).run(4, work)
    assert freed == [True, True]


def test_memory_of_each_kind_of_device_is_freed(monkeypatch: pytest.MonkeyPatch):
    called: list[str] = []
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: called.append("cuda"))
    monkeypatch.setattr(torch.mps, "empty_cache", lambda: called.append("mps"))
    monkeypatch.setattr(memory, "return_freed_memory", lambda: called.append("cpu"))
    for device in ("cpu", "cuda", "mps"):
        free_unused_memory(device)
    assert called == ["cpu", "cuda", "mps"]
