"""Tensor files: equal values give equal bytes, and a full disk is reported as such."""

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from tlstudio.core.errors import from_os_error
from tlstudio.models import tensor_files
from tlstudio.models.tensor_files import read_tensors, save_tensors

TENSORS = {"b": torch.arange(6.0).reshape(2, 3), "a": torch.tensor(3)}
METADATA = {name: f"of {name}: “é\\n\x01”" for name in "zyxwvutsrq"}


def test_values_and_metadata_are_read_as_written(tmp_path: Path) -> None:
    file = tmp_path / "new" / "a.safetensors"
    save_tensors(file, TENSORS, metadata=METADATA)
    back = load_file(file)
    assert back.keys() == TENSORS.keys()
    assert all(torch.equal(back[name], tensor) for name, tensor in TENSORS.items())
    metadata, tensors = read_tensors(file)
    checksum = metadata.pop("checksum")
    assert (metadata, tensors.keys(), len(checksum)) == (METADATA, TENSORS.keys(), 8)
    data = file.read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    assert list(header["__metadata__"]) == sorted([*METADATA, "checksum"])


def test_a_damaged_value_is_an_error_and_a_file_without_checksum_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.safetensors"
    save_tensors(file, TENSORS, metadata={})
    data = bytearray(file.read_bytes())
    data[-5] ^= 0x40
    file.write_bytes(data)
    with pytest.raises(ValueError, match="not those that were written"):
        read_tensors(file)
    file.write_bytes(data[: len(data) // 2])
    with pytest.raises(ValueError, match=r"."):
        read_tensors(file)
    save_file(TENSORS, file)
    assert read_tensors(file)[0] == {}


def test_another_process_writes_the_same_bytes(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.models.test_tensor_files import *;"
        "save_tensors(Path(sys.argv[1]), TENSORS, metadata=METADATA)"
    )
    save_tensors(tmp_path / "here", TENSORS, metadata=METADATA)
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code, tmp_path / "there"], cwd=root, check=True)
    assert (tmp_path / "here").read_bytes() == (tmp_path / "there").read_bytes()


def test_a_full_disk_is_an_os_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(tensor_files, "save_file", full)
    with pytest.raises(OSError, match="No space") as told:
        save_tensors(tmp_path / "a.safetensors", TENSORS, metadata={})
    assert told.value.errno == errno.ENOSPC
    assert from_os_error(told.value).what == f"The disk is full ({tmp_path / 'a.safetensors'})."
    assert list(tmp_path.iterdir()) == []


def test_other_errors_are_not_converted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: object, **__: object) -> None:
        raise SafetensorError("duplicate tensor")

    monkeypatch.setattr(tensor_files, "save_file", wrong)
    with pytest.raises(SafetensorError, match="duplicate"):
        save_tensors(tmp_path / "a.safetensors", TENSORS, metadata={})
