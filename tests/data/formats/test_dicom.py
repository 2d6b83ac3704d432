"""DICOM: shown as the file says it should be seen."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest

pydicom = pytest.importorskip("pydicom")

from pydicom.dataset import Dataset, FileMetaDataset  # noqa: E402 - after the check that it is there
from pydicom.sequence import Sequence  # noqa: E402
from pydicom.uid import ExplicitVRLittleEndian, JPEGLSLossless  # noqa: E402

from tlstudio.core.values import ValueWindow  # noqa: E402
from tlstudio.data.decode import UnreadableImageError, decode_bytes  # noqa: E402


def dicom(values: np.ndarray, *, preamble: bool = True, cut: int = 0, **tags: object) -> bytes:
    """A file holding `values`; keyword arguments set or, as None, remove tags."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    dataset.SOPInstanceUID = "1.2.3"
    dataset.Rows, dataset.Columns = values.shape[:2]
    dataset.SamplesPerPixel = 1 if values.ndim == 2 else 3
    dataset.PhotometricInterpretation = "MONOCHROME2" if values.ndim == 2 else "RGB"
    if values.ndim == 3:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = dataset.BitsStored = values.dtype.itemsize * 8
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(values.dtype.kind == "i")
    dataset.PixelData = values.tobytes()
    for tag, value in tags.items():
        setattr(dataset, tag, value)
    if cut:
        dataset.PixelData = dataset.PixelData[:-cut]
    out = BytesIO()
    pydicom.dcmwrite(out, dataset, enforce_file_format=preamble)
    return out.getvalue()


def grey(data: bytes) -> list[list[int]]:
    pixels = decode_bytes(data, name="a.dcm", values=None).pixels
    assert (pixels[:, :, 0] == pixels[:, :, 2]).all()
    return pixels[:, :, 0].tolist()


def test_without_a_window_the_values_are_stretched():
    assert grey(dicom(np.array([[-1000, 0], [500, 1000]], np.int16))) == [[0, 128], [191, 255]]


def test_rescale_and_window_are_applied():
    values = np.array([[0, 1024], [1064, 4000]], np.uint16)
    tags = {"RescaleSlope": 1, "RescaleIntercept": -1024, "WindowCenter": 40.5, "WindowWidth": 81}
    decoded = decode_bytes(dicom(values, **tags), name="a.dcm", values=None)
    assert decoded.pixels[:, :, 0].tolist() == [[0, 0], [128, 255]]
    assert decoded.notes == ("window centre 40.5, width 81",)


def test_the_first_of_several_windows_counts():
    values = np.array([[0, 50], [100, 1000]], np.uint16)
    tags = {"WindowCenter": [50, 500], "WindowWidth": [100, 1000], "VOILUTFunction": "LINEAR_EXACT"}
    assert grey(dicom(values, **tags)) == [[0, 128], [255, 255]]


def test_a_sigmoid_window_is_soft():
    values = np.array([[0, 100], [200, 1000]], np.uint16)
    first, middle, last, far = np.ravel(
        grey(dicom(values, WindowCenter=100, WindowWidth=100, VOILUTFunction="SIGMOID"))
    )
    assert 0 < first < 20
    assert middle == 128
    assert 235 < last < 255
    assert far == 255


def test_a_voi_table_is_applied():
    table = Dataset()
    table.LUTDescriptor = [4, 0, 8]
    table.LUTData = np.array([0, 200, 100, 255], np.uint16).tobytes()
    values = np.array([[0, 1], [2, 3]], np.uint8)
    assert grey(dicom(values, VOILUTSequence=Sequence([table]))) == [[0, 200], [100, 255]]


def test_monochrome1_is_inverted():
    data = dicom(np.array([[0, 100], [200, 400]], np.uint16), PhotometricInterpretation="MONOCHROME1")
    decoded = decode_bytes(data, name="a.dcm", values=None)
    assert decoded.pixels[0, 0, 0] == 255
    assert decoded.pixels[1, 1, 0] < 160
    assert "MONOCHROME1 inverted" in decoded.notes


def test_colour_of_eight_and_sixteen_bits():
    small = np.array([[[255, 0, 10], [0, 128, 0]]], np.uint8)
    assert decode_bytes(dicom(small), name="x", values=None).pixels.tolist() == small.tolist()
    deep = decode_bytes(dicom(small.astype(np.uint16) * 257), name="x", values=None)
    assert deep.pixels.tolist() == small.tolist()
    assert deep.notes == ("16-bit colours scaled to 8 bits",)


def test_the_first_frame_is_used():
    frames = np.stack([np.full((2, 2), 7, np.uint8), np.full((2, 2), 99, np.uint8)])
    data = dicom(frames[0], NumberOfFrames=2, PixelData=frames.tobytes())
    decoded = decode_bytes(data, name="a.dcm", values=None)
    assert (decoded.pixels == 7).all()
    assert "first of 2 frames used" in decoded.notes


def test_faults_have_reasons():
    values = np.zeros((64, 64), np.uint16)
    with pytest.raises(UnreadableImageError) as caught:
        decode_bytes(dicom(values, cut=4000), name="a.dcm", values=None)
    assert caught.value.code == "truncated"
    report = Dataset()
    report.file_meta = FileMetaDataset()
    report.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    report.SOPClassUID, report.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.88.11", "1.2.3"
    out = BytesIO()
    pydicom.dcmwrite(out, report, enforce_file_format=True)
    with pytest.raises(UnreadableImageError, match="no picture") as caught:
        decode_bytes(out.getvalue(), name="a.dcm", values=None)
    assert caught.value.code == "not-an-image"


def test_an_unknown_compression_is_named():
    dataset = pydicom.dcmread(BytesIO(dicom(np.zeros((8, 8), np.uint8))))
    dataset.file_meta.TransferSyntaxUID = JPEGLSLossless
    dataset.PixelData = pydicom.encaps.encapsulate([b"\xff\xd8\xff\xf7junk"])
    dataset["PixelData"].is_undefined_length = True
    out = BytesIO()
    pydicom.dcmwrite(out, dataset)
    with pytest.raises(UnreadableImageError, match="JPEG-LS") as caught:
        decode_bytes(out.getvalue(), name="a.dcm", values=None)
    assert caught.value.code == "unsupported"


def test_without_a_window_of_its_own_the_window_of_the_data_set_is_used():
    values = np.array([[0, 500], [1000, 3000]], np.int16)
    data = dicom(values, PixelPaddingValue=3000, RescaleSlope=2, RescaleIntercept=-1000)
    window = ValueWindow(layout="grey, real numbers", channels=(1,), low=(-1000.0,), high=(1000.0,))
    assert decode_bytes(data, name="a.dcm", values=[window]).pixels[..., 0].tolist() == [[0, 128], [255, 0]]


def test_a_window_that_the_file_states_is_kept():
    data = dicom(np.array([[0, 4000]], np.uint16), WindowCenter=100, WindowWidth=200)
    window = ValueWindow(layout="grey, whole numbers", channels=(1,), low=(0.0,), high=(4000.0,))
    of_file = decode_bytes(data, name="a.dcm", values=None)
    np.testing.assert_array_equal(decode_bytes(data, name="a.dcm", values=[window]).pixels, of_file.pixels)
