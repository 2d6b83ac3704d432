"""Who reads what, and what is said where a reader is not installed."""

from __future__ import annotations

import sys
import warnings
from io import BytesIO

import pytest
from PIL import Image

from tlstudio.data.decode import UnreadableImageError, decode_bytes, decode_rgb
from tlstudio.data.formats import READERS, find_reader, quieten
from tlstudio.data.scan import scan_folder

FTYP = b"\x00\x00\x00\x18ftyp"


def test_the_readers_are_found_by_walking():
    assert READERS.ids() == ["camera-raw", "dicom", "heic", "pillow", "tiff"]


@pytest.mark.parametrize(
    ("head", "suffix", "reader"),
    [
        (b"\xff\xd8\xff\xe0", ".jpg", "pillow"),
        (b"II*\x00", ".tif", "tiff"),
        (b"MM\x00+", ".btf", "tiff"),
        (b"II*\x00", ".nef", "camera-raw"),
        (b"\xff\xd8\xff\xe0", ".nef", "pillow"),
        (bytes(128) + b"DICM", "", "dicom"),
        (b"\x08\x00\x05\x00", ".dcm", "dicom"),
        (FTYP + b"heic\x00\x00\x00\x00mif1heic", ".jpg", "heic"),
        (FTYP + b"mif1\x00\x00\x00\x00mif1avif", ".avif", "pillow"),
        (b"anything", "", "pillow"),
    ],
)
def test_the_content_of_a_file_selects_the_reader_before_its_ending(head, suffix, reader):
    assert find_reader(head, suffix=suffix).id == reader


@pytest.mark.parametrize(
    ("module", "data", "name", "words"),
    [
        ("pydicom", bytes(128) + b"DICM" + bytes(40), "a.dcm", "a DICOM file"),
        ("pillow_heif", FTYP + b"heic\x00\x00\x00\x00mif1heic", "a.heic", "a HEIC photo"),
        ("rawpy", b"II*\x00" + bytes(40), "a.nef", "a camera's raw file"),
        ("tifffile", b"II*\x00" + bytes(40), "a.tif", "reader is not installed"),
    ],
)
def test_a_file_without_its_reader_names_the_extra_to_install(monkeypatch, module, data, name, words):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UnreadableImageError) as caught:
        decode_bytes(data, name=name)
    assert caught.value.code == "needs-extra"
    assert words in caught.value.reason
    assert 'pip install "tlstudio[formats]"' in caught.value.mend


@pytest.mark.needs_data
def test_a_scan_without_the_extras_names_the_files_that_need_them(monkeypatch, shared_data):
    for module in ("pydicom", "pillow_heif", "rawpy", "tifffile"):
        monkeypatch.setitem(sys.modules, module, None)
    report = scan_folder(shared_data / "tricky-formats")
    needing = {p.path.split("/")[0] for p in report.problems if p.code == "needs-extra"}
    assert needing == {"dicom", "heic", "broken-tiff-bmp-gif"}
    assert not [record.path for record in report.images if record.path.startswith(("dicom/", "heic/"))]


def test_warnings_of_imaging_libraries_are_silenced_and_others_are_not(recwarn):
    warnings.resetwarnings()
    warnings.simplefilter("always")
    quieten()
    quieten()
    by_module = [entry for entry in warnings.filters if entry[0] == "ignore" and entry[3] is not None]
    assert len(by_module) == 1
    warnings.warn_explicit("talk", UserWarning, "x.py", 1, module="PIL.TiffImagePlugin")
    warnings.warn_explicit("talk", UserWarning, "x.py", 1, module="pydicom")
    assert len(recwarn) == 0
    warnings.warn_explicit("ours", UserWarning, "x.py", 1, module="tlstudio.data.decode")
    warnings.warn_explicit("other", UserWarning, "x.py", 1, module="PILLAR")
    assert len(recwarn) == 2


def test_files_that_make_libraries_print_are_read_silently(tmp_path, capfd):
    exif = Image.Exif()
    exif[0x010E] = "words"
    out = BytesIO()
    Image.new("RGB", (20, 20)).save(out, "JPEG", exif=exif.tobytes()[:-12])
    (tmp_path / "a.jpg").write_bytes(out.getvalue())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        decode_rgb(tmp_path / "a.jpg")
    assert capfd.readouterr() == ("", "")
