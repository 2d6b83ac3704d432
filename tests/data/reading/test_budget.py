"""The pixels of all files in flight stay within a budget."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from tlstudio.data.reading.budget import PixelBudget


def has_room(budget: PixelBudget, pixels: int, *, seconds: float = 5) -> bool:
    """Return whether another thread may claim so many pixels within a time."""
    passed = threading.Event()

    def claim() -> None:
        with budget.one_file():
            budget.claim(pixels)
            passed.set()

    threading.Thread(target=claim, daemon=True).start()
    return passed.wait(seconds)


def is_full(budget: PixelBudget, pixels: int) -> bool:
    """Return whether another thread that claims so many pixels has to wait."""
    return not has_room(budget, pixels, seconds=0.05)


def test_files_in_flight_never_exceed_the_budget_unless_one_is_alone():
    budget = PixelBudget(100)
    sizes = [30, 60, 250, 45, 10, 99, 130, 70] * 5
    flying: list[int] = []
    seen: list[tuple[int, ...]] = []
    lock = threading.Lock()

    def decode(pixels: int) -> None:
        with budget.one_file():
            budget.claim(pixels)
            with lock:
                flying.append(pixels)
                seen.append(tuple(flying))
            with lock:
                flying.remove(pixels)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(decode, sizes))
    assert len(seen) == len(sizes)
    assert all(sum(together) <= 100 or len(together) == 1 for together in seen)
    assert has_room(budget, 100)


def test_a_second_claim_for_one_file_replaces_the_first():
    budget = PixelBudget(100)
    with budget.one_file():
        budget.claim(40)
        with budget.one_file():
            budget.claim(70)
        budget.claim(10)
        assert has_room(budget, 30)
        assert is_full(budget, 31)
    assert has_room(budget, 100)


def test_outside_of_a_file_nothing_is_counted():
    budget = PixelBudget(100)
    budget.claim(90)
    assert has_room(budget, 100)


def test_a_failure_gives_its_pixels_back():
    budget = PixelBudget(100)
    try:
        with budget.one_file():
            budget.claim(80)
            raise MemoryError
    except MemoryError:
        pass
    assert has_room(budget, 100)
