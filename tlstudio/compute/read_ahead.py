"""Maps a function over items in threads, in order and a bounded number ahead of the reader."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class MakePool(Protocol):
    """Makes a pool of threads, such as `compute.device.single_threaded_pool` for work with torch."""

    def __call__(self, threads: int, *, name: str) -> ThreadPoolExecutor:
        """Make a pool of that many threads; their names begin with `name`."""
        ...


def plain_pool(threads: int, *, name: str) -> ThreadPoolExecutor:
    """Make a pool of threads for work without torch."""
    return ThreadPoolExecutor(threads, thread_name_prefix=name)


def map_ahead(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    threads: int,
    ahead: int,
    name: str,
    make_pool: MakePool = plain_pool,
) -> Generator[Result, None, None]:
    """Apply a function to items in threads and yield the results in the order of the items.

    Args:
        function: Called in one of the threads; what it raises is raised in place of its result.
        items: Consumed as needed.
        threads: With 1 the function is called in the reading thread, and nothing runs ahead.
        ahead: Most items that are computed before their turn.
        name: Prefix of the threads' names.
        make_pool: Makes the threads; not called for one thread.
    """
    if threads == 1:
        yield from map(function, items)
        return
    waiting: deque[Future[Result]] = deque()
    pool = make_pool(threads, name=name)
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
