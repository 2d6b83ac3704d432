"""Reads DICOM files with pydicom, displayed as the file itself specifies.

Stored values are rescaled (modality LUT), then windowed by the file's first window or VOI table; without one
by the window of the data set, or stretched from their minimum to their maximum. MONOCHROME1 is inverted, so
that bright means dense as everywhere else. Of several frames the first is used.
"""

from __future__ import annotations

from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tlstudio.data.deep import DeepImage
from tlstudio.data.formats import (
    COPY_AGAIN,
    READERS,
    SAVE_AS,
    DecodedImage,
    UnreadableImageError,
    check_size,
    damaged,
    needs_extra,
    quieten,
)
from tlstudio.data.pixels import scale, to_eight_bit, to_rgb

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_INVERTED = "MONOCHROME1"
_GREY = (_INVERTED, "MONOCHROME2")
_SUFFIXES = {".dcm", ".dicom", ".dic"}


class DicomReader:
    """Reader for DICOM files, claimed by their signature at byte 128 or by the file ending."""

    id = "dicom"
    rank = 10

    def claims(self, head: bytes, *, suffix: str) -> bool:
        """See `Reader.claims`."""
        return head[128:132] == b"DICM" or (suffix in _SUFFIXES and head[:2] in (b"\x08\x00", b"\x02\x00"))

    def read_deep(self, data: bytes, *, suffix: str) -> DeepImage | None:
        """See `Reader.read_deep`: grey values for which the file itself states no window."""
        dataset = _opened(data)
        kind = dataset.PhotometricInterpretation
        if kind not in _GREY or dataset.get("VOILUTSequence") or _stated_window(dataset) is not None:
            return None
        from pydicom.pixels.processing import apply_modality_lut

        values = apply_modality_lut(_first_frame(dataset), dataset)
        if values.dtype == np.uint8 or values.ndim != 2:
            return None
        padding = dataset.get("PixelPaddingValue")
        return DeepImage(
            values=values[:, :, np.newaxis],
            no_data=None if padding is None else float(apply_modality_lut(np.array([padding]), dataset)[0]),
            is_inverted=kind == _INVERTED,
            notes=(*(["MONOCHROME1 inverted"] if kind == _INVERTED else []), *_frames_note(dataset)),
        )

    def read(self, data: bytes, *, suffix: str) -> DecodedImage:
        """See `Reader.read`."""
        dataset = _opened(data)
        grey, notes = _to_pixels(_first_frame(dataset), dataset)
        return DecodedImage(to_rgb(grey), (*notes, *_frames_note(dataset)))


def _opened(data: bytes) -> Dataset:
    if find_spec("pydicom") is None:
        raise needs_extra("a DICOM file")
    import pydicom

    quieten()
    # force: a file may lack the signature and be claimed by its ending and first tag only.
    dataset = pydicom.dcmread(BytesIO(data), force=True)
    if "PixelData" not in dataset and "FloatPixelData" not in dataset:
        raise UnreadableImageError(
            "not-an-image",
            "This DICOM file holds no picture (a report or plan).",
            "Take it out of the folder.",
        )
    check_size(int(dataset.Columns), int(dataset.Rows))
    return dataset


def _frames_note(dataset: Dataset) -> list[str]:
    frames = int(dataset.get("NumberOfFrames") or 1)
    return [f"first of {frames} frames used"] if frames > 1 else []


def _first_frame(dataset: Dataset) -> NDArray[Any]:
    from pydicom.pixels.utils import pixel_array

    try:
        return pixel_array(dataset, index=0)
    except (RuntimeError, NotImplementedError) as error:
        if "nable to decompress" in str(error) or "nable to decode" in str(error):
            name = dataset.file_meta.TransferSyntaxUID.name
            raise UnreadableImageError(
                "unsupported",
                f"This DICOM file is compressed in a way that is not read here ({name}).",
                SAVE_AS,
            ) from error
        raise
    except ValueError as error:
        if "less than expected" in str(error) or "not enough" in str(error):
            raise UnreadableImageError(
                "truncated", "The file is cut short: its end is missing.", COPY_AGAIN
            ) from error
        raise damaged(error) from error


def _to_pixels(values: NDArray[Any], dataset: Dataset) -> tuple[NDArray[np.uint8], list[str]]:
    from pydicom.pixels.processing import apply_color_lut, apply_modality_lut

    kind = dataset.PhotometricInterpretation
    if kind == "PALETTE COLOR":
        coloured = apply_color_lut(values, dataset)
        bits = int(dataset.RedPaletteColorLookupTableDescriptor[2])
        return scale(coloured, 0, 2**bits - 1), ["palette colours applied"]
    if values.ndim == 3:
        bits = int(dataset.BitsStored)
        pixels = scale(values, 0, 2**bits - 1)
        return pixels, [] if bits == 8 else [f"{bits}-bit colours scaled to 8 bits"]
    values = apply_modality_lut(values, dataset)
    grey, note = _window(values, dataset)
    if kind == _INVERTED:
        return 255 - grey, [note, "MONOCHROME1 inverted"]
    return grey, [note]


def _window(values: NDArray[Any], dataset: Dataset) -> tuple[NDArray[np.uint8], str]:
    if dataset.get("VOILUTSequence"):
        from pydicom.pixels.processing import apply_voi

        table = dataset.VOILUTSequence[0]
        bits = int(table.LUTDescriptor[2])
        return scale(apply_voi(values, dataset), 0, 2**bits - 1), "VOI table applied"
    window = _stated_window(dataset)
    if window is None:
        grey, note = to_eight_bit(values.astype(np.float64) if values.dtype.kind == "i" else values)
        return grey, note or "8-bit values as they are"
    centre, width = window
    note = f"window centre {centre:g}, width {width:g}"
    function = str(dataset.get("VOILUTFunction") or "LINEAR")
    if function == "SIGMOID":
        return scale(1 / (1 + np.exp(-4 * (values - centre) / width)), 0, 1), note
    if function == "LINEAR":
        # The standard's own offsets (PS3.3 C.11.2.1.2): a window of width 1 is a threshold.
        centre, width = centre - 0.5, max(width - 1, 1e-6)
    return scale(values, centre - width / 2, centre + width / 2), note


def _stated_window(dataset: Dataset) -> tuple[float, float] | None:
    """Centre and width of the file's first window; None without a usable one."""
    centre, width = _first(dataset.get("WindowCenter")), _first(dataset.get("WindowWidth"))
    return None if centre is None or width is None or width <= 0 else (centre, width)


def _first(value: Any) -> float | None:
    if value is None or value == "":
        return None
    return float(value if isinstance(value, (int, float, str)) else value[0])


READERS.register(DicomReader())
