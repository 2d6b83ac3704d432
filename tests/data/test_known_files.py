"""Files that look the same as when they were read are not read again."""

from __future__ import annotations

import os
import time

import pytest

from tlstudio.core.known_file import KnownFile
from tlstudio.data import known_files
from tlstudio.data.decode import UnreadableImageError
from tlstudio.data.formats import READERS
from tlstudio.data.known_files import check_unless_known, stamp_of, stamps_of
from tlstudio.data.scan import scan_folder


@pytest.fixture(autouse=True)
def _readers() -> None:
    READERS.walk()


def known(file, **changes: object) -> KnownFile:
    values = {
        "stamp": stamp_of(file),
        "sha256": "0" * 64,
        "width": 5,
        "height": 6,
        "notes": ("n",),
        "values": None,
    }
    return KnownFile(**(values | changes))  # type: ignore[arg-type]


def test_a_known_file_is_not_read(photos, monkeypatch):
    file = photos(per_class=1) / "ants" / "photo-000.jpg"
    monkeypatch.setattr(known_files, "check_file", None)
    sha256, image = check_unless_known(file, known(file))
    assert (sha256, image.width, image.height, image.notes) == ("0" * 64, 5, 6, ("n",))


def test_a_file_that_looks_different_is_read(photos):
    file = photos(per_class=1) / "ants" / "photo-000.jpg"
    old = known(file)
    os.utime(file, ns=(1, 1))
    sha256, image = check_unless_known(file, old)
    assert sha256 != old.sha256
    assert (image.width, image.height) == (48, 48)
    file.unlink()
    with pytest.raises(UnreadableImageError):
        check_unless_known(file, old)
    assert stamp_of(file) is None


def test_a_file_changed_after_reading_began_gets_no_stamp(photos):
    root = photos(per_class=1)
    before = time.time_ns()
    os.utime(root / "ants" / "photo-000.jpg", ns=(before + 10**9, before + 10**9))
    os.utime(root / "bees" / "photo-000.jpg", ns=(before - 10**9, before - 10**9))
    paths = ["ants/photo-000.jpg", "bees/photo-000.jpg", "missing.jpg", str(root / "bees" / "photo-000.jpg")]
    stamps = stamps_of(root, paths, before_ns=before)
    assert list(stamps) == [paths[1], paths[3]]


def test_a_scan_with_known_files_finds_the_same(photos, monkeypatch):
    root = photos(per_class=2)
    first = scan_folder(root)
    files = {
        image.path: known(
            root / image.path,
            sha256=image.sha256,
            width=image.width,
            height=image.height,
            notes=image.notes,
        )
        for image in first.images
    }
    read: list[str] = []
    check = known_files.check_file

    def counted(file, **rest):
        read.append(file.name)
        return check(file, **rest)

    monkeypatch.setattr(known_files, "check_file", counted)
    (root / "bees" / "new.jpg").write_bytes((root / "ants" / "photo-000.jpg").read_bytes())
    again = scan_folder(root, known=files)
    assert read == ["new.jpg"]
    assert [image for image in again.images if image.path != "bees/new.jpg"] == list(first.images)
