from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tlstudio.compute.read_ahead import map_ahead, plain_pool


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_results_come_in_order(threads: int):
    def work(number: int) -> int:
        time.sleep(0.002 * (number % 3))
        return number * number

    got = list(map_ahead(work, range(30), threads=threads, ahead=6, name="squares"))
    assert got == [number * number for number in range(30)]


@pytest.mark.parametrize(("threads", "ahead"), [(1, 1), (2, 4)])
def test_a_bounded_number_of_items_is_taken_ahead(threads: int, ahead: int):
    taken = []
    results = map_ahead(
        lambda x: x, (taken.append(n) or n for n in range(50)), threads=threads, ahead=ahead, name="n"
    )
    next(results)
    assert len(taken) == ahead
    results.close()


def test_errors_are_raised_in_place_of_their_results():
    def work(number: int) -> int:
        if number == 2:
            raise ValueError("two")
        return number

    results = map_ahead(work, range(5), threads=2, ahead=4, name="n")
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ValueError, match="two"):
        next(results)


def test_one_thread_means_the_reading_thread():
    names = set(map_ahead(lambda _: threading.current_thread().name, range(3), threads=1, ahead=2, name="n"))
    assert names == {threading.current_thread().name}


def test_leaving_early_ends_the_threads():
    results = map_ahead(lambda x: x, range(100), threads=3, ahead=6, name="left-early")
    next(results)
    results.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("left-early")]


def test_the_threads_can_be_made_by_who_computes_in_them():
    made = []

    def make_pool(threads: int, *, name: str) -> ThreadPoolExecutor:
        made.append((threads, name))
        return plain_pool(threads, name=name)

    work = {"ahead": 4, "name": "own", "make_pool": make_pool}
    assert list(map_ahead(lambda x: x, range(3), threads=2, **work)) == [0, 1, 2]
    assert list(map_ahead(lambda x: x, range(3), threads=1, **work)) == [0, 1, 2]
    assert made == [(2, "own")]
