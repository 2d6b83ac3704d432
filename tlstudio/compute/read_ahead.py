"""Doing things in threads, a bounded number ahead of whoever takes the results, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from typing import TypeVar

from tlstudio.compute.device import single_threaded_pool

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_ahead(
    function: Callable[[Item], Result], items: Iterable[Item], *, threads: int, ahead: int, name: str
) -> Generator[Result, None, None]:
    """The results of a function, in the order of the items.

    Args:
        function: Called in one of the threads; what it raises is raised where its result would come.
        items: Taken as they are needed.
        threads: With 1 nothing runs ahead: the function is called in the thread that asks.
        ahead: Items that are worked on or done before their turn, at most.
        name: Of the threads.
    """
    if threads == 1:
        yield from map(function, items)
        return
    waiting: deque[Future[Result]] = deque()
    pool = single_threaded_pool(threads, name=name)
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) >= ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        # Whoever leaves early (cancelled, failed) must not wait for results that nobody wants.
        pool.shutdown(wait=True, cancel_futures=True)
