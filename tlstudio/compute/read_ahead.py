"""Maps a function over items in threads, in order and a bounded number ahead of the reader."""

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
    """Apply a function to items in threads and yield the results in the order of the items.

    Args:
        function: Called in one of the threads; what it raises is raised in place of its result.
        items: Consumed as needed.
        threads: With 1 the function is called in the reading thread, and nothing runs ahead.
        ahead: Most items that are computed before their turn.
        name: Prefix of the threads' names.
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
        # A reader that leaves early (cancelled, failed) must not wait for results that are not needed.
        pool.shutdown(wait=True, cancel_futures=True)
