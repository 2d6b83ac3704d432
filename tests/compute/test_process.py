from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tlstudio.compute.process import glibc, prepare_process, usable_cores

ALLOCATE_IN_MANY_THREADS = """
import ctypes, sys, threading
from tlstudio.compute.process import prepare_process, usable_cores
if sys.argv[2] == "prepared":
    prepare_process()
count, libc = usable_cores() + 4, ctypes.CDLL(None)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
ready = threading.Barrier(count)

def work():
    libc.malloc(5000)
    ready.wait()

threads = [threading.Thread(target=work) for _ in range(count)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
file = ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
"""


def test_waiting_threads_sleep_unless_the_environment_says_otherwise(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    prepare_process()
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    prepare_process()
    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"


@pytest.mark.skipif(glibc() is None, reason="needs glibc")
def test_there_are_as_many_heaps_as_cores(tmp_path: Path):
    def heaps(how: str) -> int:
        file = tmp_path / f"{how}.xml"
        subprocess.run([sys.executable, "-c", ALLOCATE_IN_MANY_THREADS, str(file), how], check=True)
        return file.read_text().count("<heap nr=")

    assert heaps("prepared") <= usable_cores() < heaps("unprepared")


def test_a_process_that_ends_looks_for_no_garbage():
    ending = "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count(), len(gc.get_objects())))"
    program = f"{ending}; from tlstudio.compute.process import prepare_process; prepare_process()"
    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    frozen, left = map(int, said.split())
    assert frozen > 1000 > left
