"""Unpacking zip files, of whatever origin."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, DiskFullError, UserError
from tlstudio.core.events import Event, StageProgress, WarningRaised
from tlstudio.data import archive as module
from tlstudio.data.archive import is_zip, unpack_zip


def packed(file: Path, entries: dict[str, bytes], **options) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file


def unpacked(archive: Path, *, control: Control | None = None) -> tuple[dict[str, bytes], list[Event]]:
    """The files of a zip file by their paths, and the events."""
    events: list[Event] = []
    folder = archive.with_name("out")
    unpack_zip(archive, folder, run_id="r", emit=events.append, control=control or Control())
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items()}, events


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".zip")


def test_files_come_out_as_they_went_in(tmp_path: Path):
    entries = {
        "bees/1.jpg": b"one",
        "bees/2.jpg": b"two" * 1000,
        "ants/ä é 虫.jpg": b"three",
        "loose.png": b"",
    }
    files, events = unpacked(packed(tmp_path / "a.zip", entries))
    assert files == entries
    assert [event.done for event in events if isinstance(event, StageProgress)][-1] == 4
    assert left_over(tmp_path) == ["out"]


def test_what_belongs_to_the_system_is_left_out(tmp_path: Path):
    kept = {"a/1.jpg": b"1"}
    hidden = {"__MACOSX/a/._1.jpg": b"x", "a/.DS_Store": b"x", "a/Thumbs.db": b"x"}
    assert unpacked(packed(tmp_path / "a.zip", kept | hidden))[0] == kept


def test_nothing_is_written_outside_of_the_folder(tmp_path: Path):
    entries = {"../../evil.jpg": b"1", "/root.jpg": b"2", "a/../b.jpg": b"3", "..\\windows.jpg": b"4"}
    files, _ = unpacked(packed(tmp_path / "a.zip", entries))
    assert files == {"evil.jpg": b"1", "root.jpg": b"2", "a/b.jpg": b"3", "windows.jpg": b"4"}
    assert left_over(tmp_path) == ["out"]


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5))
def test_no_name_leads_outside_or_fails(tmp_path_factory: pytest.TempPathFactory, names: list[str]):
    place = tmp_path_factory.mktemp("any")
    # The library ends a name at its first zero, and writes none that is empty.
    names = [name for name in names if len(name.encode("utf-8", "surrogatepass")) < 100 and name[0] != "\0"]
    try:
        archive = packed(place / "a.zip", dict.fromkeys(names, b"x"))
    except UnicodeEncodeError:
        return  # no program can write such a name
    try:
        files, _ = unpacked(archive)
    except UserError:  # all of them hidden or unusable
        assert left_over(place) == []
        return
    assert set(files.values()) == {b"x"}
    assert left_over(place) == ["out"]


def test_links_are_left_out_and_named(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        link = zipfile.ZipInfo("a/link.jpg")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("a/1.jpg", b"1")
    files, events = unpacked(tmp_path / "a.zip")
    assert files == {"a/1.jpg": b"1"}
    (warning,) = [event for event in events if isinstance(event, WarningRaised)]
    assert warning.message == "1 of 2 files in a.zip could not be unpacked and were left out."
    assert (warning.paths, warning.reasons) == (
        ("a/link.jpg",),
        ("It is a link to another file, not a file.",),
    )


def test_an_entry_without_a_name_is_passed_over(tmp_path: Path):
    file = packed(tmp_path / "a.zip", {"?": b"x", "a/1.jpg": b"1"})
    file.write_bytes(file.read_bytes().replace(b"?", b"\0"))
    assert unpacked(file)[0] == {"a/1.jpg": b"1"}


def test_names_that_are_utf8_without_saying_so_are_read(tmp_path: Path):
    file = packed(tmp_path / "a.zip", {"Blüte/1.jpg": b"1"})
    # The flag of the name, in the entry itself and in the directory at the end.
    data = bytearray(file.read_bytes())
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(sign) + offset + 1] &= ~0x08
    file.write_bytes(data)
    assert unpacked(file)[0] == {"Blüte/1.jpg": b"1"}


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_a_name_that_occurs_twice_overwrites_nothing(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a/1.jpg", b"one")
        archive.writestr("a/1.jpg", b"two")
    assert unpacked(tmp_path / "a.zip")[0] == {"a/1.jpg": b"one", "a/1 2.jpg": b"two"}


def test_a_damaged_file_is_left_out_and_named(tmp_path: Path):
    file = packed(tmp_path / "a.zip", {"a/1.jpg": b"first" * 50, "a/2.jpg": b"second" * 50})
    data = bytearray(file.read_bytes())
    place = data.index(b"a/2.jpg") + len(b"a/2.jpg")
    data[place : place + 4] = b"\xff\xff\xff\xff"
    file.write_bytes(data)
    files, events = unpacked(file)
    assert files == {"a/1.jpg": b"first" * 50}
    (warning,) = [event for event in events if isinstance(event, WarningRaised)]
    assert warning.paths == ("a/2.jpg",)
    assert "1 of 2 files" in warning.message


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"no zip file at all"])
def test_what_is_no_zip_file_is_refused_and_leaves_nothing(tmp_path: Path, content: bytes):
    file = tmp_path / "a.zip"
    file.write_bytes(content)
    with pytest.raises(UserError, match="damaged or no zip file"):
        unpacked(file)
    assert left_over(tmp_path) == []


def test_a_cut_zip_file_is_refused(tmp_path: Path):
    file = packed(tmp_path / "a.zip", {f"a/{number}.jpg": b"x" * 100 for number in range(9)})
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(UserError, match="damaged"):
        unpacked(file)


def test_a_password_is_said(tmp_path: Path):
    file = packed(tmp_path / "a.zip", {"a/1.jpg": b"x"})
    data = bytearray(file.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 0x1
    file.write_bytes(data)
    with pytest.raises(UserError, match="password"):
        unpacked(file)


def test_an_empty_zip_file_is_said(tmp_path: Path):
    with pytest.raises(UserError, match="no file"):
        unpacked(packed(tmp_path / "a.zip", {"a/": b""}))


def test_a_zip_file_that_does_not_fit_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    class Full:
        free = 10

    monkeypatch.setattr(module.shutil, "disk_usage", lambda place: Full)
    with pytest.raises(DiskFullError) as caught:
        unpacked(packed(tmp_path / "a.zip", {"a/1.jpg": b"x" * 1000}))
    assert caught.value.missing_bytes == 990
    assert left_over(tmp_path) == []


def test_cancelling_leaves_nothing(tmp_path: Path):
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        unpacked(packed(tmp_path / "a.zip", {"a/1.jpg": b"x"}), control=control)
    assert left_over(tmp_path) == []


def test_zip_files_are_known_by_their_name(tmp_path: Path):
    packed(tmp_path / "a.ZIP", {"a": b""})
    assert is_zip(tmp_path / "a.ZIP")
    assert not is_zip(tmp_path / "b.zip")
    (tmp_path / "folder.zip").mkdir()
    assert not is_zip(tmp_path / "folder.zip")
