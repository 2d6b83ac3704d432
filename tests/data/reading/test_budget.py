"""The pixels of all files in flight stay within a budget."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from tlstudio.data.reading.budget import PixelBudget


def test_files_in_flight_never_exceed_the_budget_unless_one_is_alone():
    budget = PixelBudget(100)
    sizes = [30, 60, 250, 45, 10, 99, 130, 70] * 5
    seen: list[tuple[int, int]] = []

    def decode(pixels: int) -> None:
        with budget.one_file():
            budget.claim(pixels)
            seen.append((pixels, budget.claimed))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(decode, sizes))
    assert len(seen) == len(sizes)
    assert all(claimed <= 100 or claimed == pixels for pixels, claimed in seen)
    assert budget.claimed == 0


def test_a_second_claim_for_one_file_replaces_the_first():
    budget = PixelBudget(100)
    with budget.one_file():
        budget.claim(40)
        with budget.one_file():
            budget.claim(70)
        budget.claim(10)
        assert budget.claimed == 70
    assert budget.claimed == 0


def test_outside_of_a_file_nothing_is_counted():
    budget = PixelBudget(100)
    budget.claim(90)
    assert budget.claimed == 0


def test_a_file_waits_until_there_is_room():
    budget = PixelBudget(100)
    started, passed = threading.Event(), threading.Event()

    def second() -> None:
        with budget.one_file():
            started.set()
            budget.claim(50)
            passed.set()

    with budget.one_file():
        budget.claim(80)
        thread = threading.Thread(target=second)
        thread.start()
        started.wait()
        assert not passed.wait(0.05)
    assert passed.wait(5)
    thread.join()


def test_a_failure_gives_its_pixels_back():
    budget = PixelBudget(100)
    try:
        with budget.one_file():
            budget.claim(80)
            raise MemoryError
    except MemoryError:
        pass
    assert budget.claimed == 0
