"""Reference cycles are collected in the GUI thread only."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest

from tlstudio.gui.garbage_collection import GuiThreadCollector


class Node:
    """Refers to itself, so that only a collection frees it."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture
def collector(qapp):
    was_enabled = gc.isenabled()
    collector = GuiThreadCollector()
    yield collector
    collector.close()
    (gc.enable if was_enabled else gc.disable)()


def test_a_thread_that_allocates_frees_no_cycle(collector):
    freed_in: list[str] = []
    node = Node()
    weakref.finalize(node, lambda: freed_in.append(threading.current_thread().name))
    del node

    def allocate() -> None:
        assert [[] for _ in range(50_000)]

    thread = threading.Thread(target=allocate, name="drawing")
    thread.start()
    thread.join()
    assert freed_in == []
    kept = [[] for _ in range(gc.get_threshold()[0] + 10)]
    collector.collect()
    assert kept
    assert freed_in == [threading.current_thread().name]


def test_it_collects_by_itself(collector, qtbot):
    node = weakref.ref(Node())
    kept = [[] for _ in range(gc.get_threshold()[0] + 10)]
    qtbot.waitUntil(lambda: node() is None)
    assert kept


def test_python_collects_again_afterwards(collector):
    assert not gc.isenabled()
    collector.close()
    assert gc.isenabled()
