"""Writing safetensors files: in one piece, the same bytes for the same values, system errors told as such."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from tlstudio.core.files import atomic_path

LENGTH_BYTES = 8
"""A file starts with the length of its header, little-endian; then the header, JSON; then the tensors."""


def save_tensors(path: Path, tensors: Mapping[str, Tensor], *, metadata: Mapping[str, str]) -> None:
    """Write a safetensors file, moved in place when complete.

    Args:
        path: The file; its folder is made when missing.
        tensors: By name, on the CPU, contiguous.
        metadata: Kept in the file's header.

    Raises:
        OSError: The disk is full or not writable.
    """
    with atomic_path(path, needed_bytes=sum(tensor.nbytes for tensor in tensors.values())) as temporary:
        try:
            save_file(dict(tensors), temporary, metadata=dict(metadata))
        except SafetensorError as error:
            # The library hides the system's error in its text; a full disk is no fault of ours.
            number = re.search(r"os error (\d+)", str(error))
            if number is None:
                raise
            code = int(number[1])
            raise OSError(code, os.strerror(code), str(temporary), code) from error
        _sort_header(temporary)


def _sort_header(file: Path) -> None:
    """Sort the metadata, which the library writes in an order that differs from process to process."""
    with file.open("rb+") as stream:
        length = int.from_bytes(stream.read(LENGTH_BYTES), "little")
        header = json.loads(stream.read(length))
        header["__metadata__"] = dict(sorted(header.get("__metadata__", {}).items()))
        text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
        if len(text) <= length:
            stream.seek(LENGTH_BYTES)
            stream.write(text.ljust(length))
