"""Writes safetensors files reproducibly and with a checksum, and reads them."""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from tlstudio.core.files import atomic_path

CHECKSUM = "checksum"
LENGTH_BYTES = 8
"""A file starts with the length of its header, little-endian; then the header, JSON; then the tensors."""


def save_tensors(path: Path, tensors: Mapping[str, Tensor], *, metadata: Mapping[str, str]) -> None:
    """Write a safetensors file, moved in place when complete.

    Args:
        path: The file; its folder is made when missing.
        tensors: By name, on the CPU, contiguous.
        metadata: Written into the file's header, beside a checksum of the values.

    Raises:
        OSError: The disk is full or not writable.
    """
    with atomic_path(path, needed_bytes=sum(tensor.nbytes for tensor in tensors.values())) as temporary:
        try:
            save_file(dict(tensors), temporary, metadata={**metadata, CHECKSUM: _checksum(tensors)})
        except SafetensorError as error:
            # The library gives the system's error number only in its text; a full disk must be an OSError.
            number = re.search(r"os error (\d+)", str(error))
            if number is None:
                raise
            code = int(number[1])
            raise OSError(code, os.strerror(code), str(temporary), code) from error
        _sort_header(temporary)


def read_tensors(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    """Read the metadata and the tensors of a file.

    Args:
        path: An existing file; its checksum is verified if it has one.

    Raises:
        ValueError: It is not a safetensors file, or it is damaged.
        OSError: It cannot be read.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    except SafetensorError as error:
        raise ValueError(str(error)) from error
    if metadata.get(CHECKSUM, "") not in ("", _checksum(tensors)):
        raise ValueError("the values are not those that were written")
    return metadata, tensors


def _checksum(tensors: Mapping[str, Tensor]) -> str:
    """CRC-32 of the values; the format has no checksum, so a damaged weight would go unnoticed."""
    checksum = 0
    for _, tensor in sorted(tensors.items()):
        checksum = zlib.crc32(tensor.contiguous().view(-1).view(torch.uint8).numpy().data, checksum)
    return f"{checksum:08x}"


def _sort_header(file: Path) -> None:
    """Sort the metadata, whose order in the library's files differs from process to process."""
    with file.open("rb+") as stream:
        length = int.from_bytes(stream.read(LENGTH_BYTES), "little")
        header = json.loads(stream.read(length))
        header["__metadata__"] = dict(sorted(header.get("__metadata__", {}).items()))
        text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
        if len(text) <= length:
            stream.seek(LENGTH_BYTES)
            stream.write(text.ljust(length))
