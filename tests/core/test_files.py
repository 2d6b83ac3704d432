"""A file is the old version or the new one, never half of it."""

import errno
import stat
from pathlib import Path

import pytest

from tlstudio.core.errors import from_os_error
from tlstudio.core.files import atomic_path, resource, sha256_of, write_json, write_text


def test_a_failing_write_leaves_the_old_file_and_no_litter(tmp_path):
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


def test_a_written_file_is_readable_like_any_other(tmp_path):
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


@pytest.mark.parametrize(
    "number",
    [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EIO, errno.EISDIR, 9999],
)
def test_every_system_error_becomes_a_sentence_with_a_mend(number):
    told = from_os_error(OSError(number, "because", "/place"))
    assert told.what.endswith(".")
    assert told.mend.endswith(".")
    assert "/place" in told.what


def test_errors_name_the_file_that_was_asked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(IsADirectoryError) as told:
        write_text(Path("folder"), "x")
    assert told.value.filename == "folder"
    assert told.value.filename2 is None
    with pytest.raises(OSError, match=r"exists|directory") as told:
        write_text(tmp_path / "file" / "b", "x")
    assert "in the way" in from_os_error(told.value).what
    with pytest.raises(FileNotFoundError) as told, atomic_path(tmp_path / "c"):
        (tmp_path / "folder" / "not there").read_text()
    assert told.value.filename == str(tmp_path / "folder" / "not there"), "of another file: its own name"
