"""Errors and their messages."""

import errno

import pytest

from tlstudio.core.errors import UserError, from_os_error, is_out_of_memory, out_of_memory


def test_an_error_prints_what_happened_then_work_then_mend():
    assert str(UserError("It broke.", work="Nothing was lost.", mend="Try again.")) == (
        "It broke. Nothing was lost. Try again."
    )


SHORT = [
    MemoryError(),
    RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    RuntimeError("MPS backend out of memory (MPS allocated: 9.00 GB)"),
    RuntimeError("[enforce fail] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to"),
    RuntimeError("[enforce fail] data. DefaultCPUAllocator: not enough memory: you tried to allocate"),
    RuntimeError("std::bad_alloc"),
    RuntimeError("could not create a primitive"),
    OSError(errno.ENOMEM, "Cannot allocate memory"),
]


@pytest.mark.parametrize("error", SHORT)
def test_every_kind_of_out_of_memory_error_is_recognised(error: Exception):
    assert is_out_of_memory(error)


@pytest.mark.parametrize(
    "error", [RuntimeError("shapes"), ValueError("out of memory"), OSError(errno.ENOSPC, "full"), KeyError()]
)
def test_other_errors_are_not_out_of_memory(error: Exception):
    assert not is_out_of_memory(error)


def test_out_of_memory_names_the_moment_and_the_mend():
    error = out_of_memory("with one image at a time")
    assert error.what == "This computer ran out of memory with one image at a time."
    assert "try again" in error.mend
    assert error.goes_on
    assert from_os_error(SHORT[-1]).what == "This computer ran out of memory."
