"""Camera raw files; the decoder itself is replaced, since no raw file is small enough to keep here."""

from __future__ import annotations

import importlib.machinery
import sys
from io import BytesIO
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from tlstudio.data.decode import UnreadableImageError, decode_bytes

RAW = b"II*\x00" + bytes(60)


class FakeRaw:
    def __init__(self, width: int, height: int) -> None:
        self.sizes = SimpleNamespace(width=width, height=height)

    def __enter__(self) -> FakeRaw:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def postprocess(self, *, use_camera_wb: bool, half_size: bool, output_bps: int) -> np.ndarray:
        assert use_camera_wb
        assert output_bps == 8
        step = 2 if half_size else 1
        return np.full((self.sizes.height // step, self.sizes.width // step, 3), 77, np.uint8)


@pytest.fixture
def rawpy(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("rawpy")
    module.__spec__ = importlib.machinery.ModuleSpec("rawpy", None)
    module.LibRawError = type("LibRawError", (Exception,), {})
    module.LibRawFileUnsupportedError = type("LibRawFileUnsupportedError", (module.LibRawError,), {})
    monkeypatch.setitem(sys.modules, "rawpy", module)
    return module


def test_a_raw_file_is_developed_from_memory(rawpy):
    def imread(file: BytesIO) -> FakeRaw:
        assert file.read() == RAW
        return FakeRaw(40, 30)

    rawpy.imread = imread
    decoded = decode_bytes(RAW, name="IMG.CR2")
    assert decoded.pixels.shape == (15, 20, 3)
    assert decoded.notes == ("camera raw developed at half size",)


def test_faults_have_reasons(rawpy):
    def unknown(_: BytesIO) -> FakeRaw:
        raise rawpy.LibRawFileUnsupportedError

    rawpy.imread = unknown
    with pytest.raises(UnreadableImageError) as caught:
        decode_bytes(RAW, name="a.nef")
    assert caught.value.code == "unsupported"

    def cut(_: BytesIO) -> FakeRaw:
        raise rawpy.LibRawError(b"Input/output error")

    rawpy.imread = cut
    with pytest.raises(UnreadableImageError, match="cut short") as caught:
        decode_bytes(RAW, name="a.nef")
    assert caught.value.code == "damaged"
    rawpy.imread = lambda _: FakeRaw(40_000, 30_000)
    with pytest.raises(UnreadableImageError) as caught:
        decode_bytes(RAW, name="a.nef")
    assert caught.value.code == "too-large"
