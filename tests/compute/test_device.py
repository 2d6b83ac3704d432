import subprocess
import sys

import pytest
import torch

from tlstudio.compute import device
from tlstudio.compute.process import glibc, usable_cores
from tlstudio.core.errors import UserError


def test_the_processor_can_always_be_chosen():
    choice = device.choose_device("cpu")
    assert choice.device == "cpu"
    assert choice.title
    assert choice.reason == ""


def test_auto_chooses_a_device_that_computes():
    chosen = device.choose_device().device
    assert torch.ones(2, device=chosen).sum().item() == 2


def test_a_missing_device_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError, match=r"cpu or auto"):
        device.choose_device("cuda")
    with pytest.raises(UserError, match="no device"):
        device.choose_device("toaster")


def test_a_card_without_matching_torch_is_explained(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_built", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", None)
    monkeypatch.setattr(torch.version, "hip", None)
    monkeypatch.setattr(device.shutil, "which", lambda name: "/usr/bin/nvidia-smi")
    choice = device.choose_device()
    assert choice.device == "cpu"
    assert "processor-only" in choice.reason


def test_a_card_that_fails_its_trial_is_not_used(monkeypatch: pytest.MonkeyPatch):
    def broken(*args: object, **options: object) -> None:
        raise RuntimeError("no kernel image is available\nmore lines")

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_built", lambda: False)
    monkeypatch.setattr(torch, "ones", broken)
    choice = device.choose_device()
    assert choice.device == "cpu"
    assert "no kernel image" in choice.reason
    assert "\n" not in choice.reason


def test_threads_follow_the_recipe_then_the_environment(monkeypatch: pytest.MonkeyPatch):
    before = torch.get_num_threads()
    try:
        monkeypatch.setenv("OMP_NUM_THREADS", "1")
        assert device.set_threads(2) == 2 == torch.get_num_threads()
        assert device.set_threads(None) == 1 == torch.get_num_threads()
        monkeypatch.setenv("OMP_NUM_THREADS", "nonsense")
        assert device.set_threads(None) == usable_cores()
    finally:
        torch.set_num_threads(before)


def test_resident_memory_is_read_from_the_system():
    memory = device.resident_memory_bytes()
    assert memory is None or memory > 1 << 20
    assert device.keep_freed_memory() in (True, False)


@pytest.mark.skipif(glibc() is None, reason="needs glibc")
def test_freed_memory_is_returned_when_memory_is_short():
    code = (
        "import torch; from tlstudio.compute import device; device.keep_freed_memory();"
        "small = []; blocks = [];\n"
        "for _ in range(20): blocks.append(torch.ones(2_500_000)); small.append(bytearray(900))\n"
        "del blocks; kept = device.resident_memory_bytes();"
        "assert device.return_freed_memory(); print(kept - device.resident_memory_bytes())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 150_000_000


@pytest.mark.parametrize(
    ("capabilities", "has"),
    [
        ({"avx512_bf16": True, "amx_bf16": False}, True),
        ({"avx512_bf16": False, "amx_bf16": True}, True),
        ({"bf16": True}, True),
        ({"avx512_f": True, "avx512_bf16": False}, False),
        ({}, False),
    ],
)
def test_bfloat16_needs_instructions_of_the_processor(
    capabilities: dict[str, bool], has: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert device.has_bfloat16() == has
