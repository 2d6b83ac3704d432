"""Atomic writing of files."""

import errno
import os
import shutil
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

from tlstudio.core.errors import DiskFullError, from_os_error
from tlstudio.core.files import (
    atomic_path,
    document,
    name_in_errors,
    resource,
    sha256_of,
    write_json,
    write_text,
)


def test_a_failing_write_leaves_the_old_file_and_no_temporary_one(tmp_path):
    file = tmp_path / "deep" / "a.json"
    write_json(file, {"a": 1})

    def fail():
        with atomic_path(file) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert file.read_text() == '{\n  "a": 1\n}\n'
    assert list(file.parent.iterdir()) == [file]


def test_a_written_file_has_ordinary_permissions(tmp_path):
    write_text(tmp_path / "a", "ä\n")
    plain = tmp_path / "b"
    plain.write_text("x")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)
    assert (tmp_path / "a").read_bytes() == "ä\n".encode()


def test_sha256_is_of_the_bytes(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256_of(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_resources_are_found_in_the_source_tree():
    assert resource("icons").parent.name == "resources"
    assert document("glossary.md").is_file()


@pytest.mark.parametrize(
    "number",
    [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EIO, errno.EISDIR, 9999],
)
def test_every_system_error_becomes_a_user_error_with_a_mend(number):
    error = from_os_error(OSError(number, "because", "/place"))
    assert error.what.endswith(".")
    assert error.mend.endswith(".")
    assert "/place" in error.what


def test_errors_name_the_file_instead_of_the_temporary_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(IsADirectoryError) as raised:
        write_text(Path("folder"), "x")
    assert raised.value.filename == "folder"
    assert raised.value.filename2 is None
    with pytest.raises(OSError, match=r"exists|directory") as raised:
        write_text(tmp_path / "file" / "b", "x")
    assert "in the way" in from_os_error(raised.value).what
    with pytest.raises(FileNotFoundError) as raised, atomic_path(tmp_path / "c"):
        (tmp_path / "folder" / "not there").read_text()
    assert raised.value.filename == str(tmp_path / "folder" / "not there"), "of another file: its own name"


@pytest.mark.parametrize(
    ("free", "needed", "mend"),
    [
        (1_500_000, 4_000_000, "at least 3 MB there"),
        (9_000_000, 4_000_000, "some space"),
        (0, None, "some space"),
    ],
)
def test_a_full_disk_names_the_file_and_the_missing_space(free, needed, mend, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=free))
    with pytest.raises(DiskFullError) as raised, atomic_path(tmp_path / "a", needed_bytes=needed):
        raise OSError(errno.ENOSPC, "No space left on device")
    error = from_os_error(raised.value)
    assert error.what == f"The disk is full ({tmp_path / 'a'})."
    assert f"Free {mend}, then" in error.mend
    assert list(tmp_path.iterdir()) == []


def test_an_error_about_another_file_keeps_its_name(tmp_path):
    def write():
        with name_in_errors(tmp_path / "outer"), name_in_errors(tmp_path / "inner", needed_bytes=10**18):
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DiskFullError) as raised:
        write()
    assert raised.value.filename == str(tmp_path / "inner")
    assert raised.value.missing_bytes > 10**17
    with pytest.raises(DiskFullError) as raised, name_in_errors(tmp_path / "outer"):
        raise OSError(errno.EDQUOT, "Disk quota exceeded", "/elsewhere")
    assert raised.value.filename == "/elsewhere"
    assert raised.value.errno == errno.EDQUOT


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes among its files")
def test_devices_and_pipes_are_written_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_text(pipe, "x")
    assert os.read(reading, 9) == b"x"
    os.close(reading)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert list(tmp_path.iterdir()) == [pipe]
