from __future__ import annotations

import errno
import os
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from tlstudio.core.errors import Cancelled, DiskFullError, UserError
from tlstudio.features import store as cache
from tlstudio.features.store import ActivationStore, activations_dir, evict, folder_bytes, open_store

SHAPE = (4, 3)


def store_in(folder: Path, *, about: str = "a") -> ActivationStore:
    return ActivationStore(folder / "store", about={"what": about}, shape=SHAPE, dtype="float16")


def entries(count: int, *, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, *SHAPE)).astype(np.float16)


def test_appended_entries_are_read_by_another_store(tmp_path: Path):
    values = entries(3)
    store_in(tmp_path).append(["a", "b", "c"], values)
    again = store_in(tmp_path)
    assert again.missing(["c", "x", "a", "x"]) == ["x"]
    np.testing.assert_array_equal(again.read(["c", "a"]), values[[2, 0]])


def test_a_damaged_entry_is_missing_and_can_be_appended_again(tmp_path: Path):
    values = entries(3)
    store_in(tmp_path).append(["a", "b", "c"], values)
    store = store_in(tmp_path)
    with store.data.open("r+b") as file:
        file.seek(store.entry_bytes + 5)
        file.write(b"\xff\xff")
    assert store.missing(["a", "b", "c"]) == ["b"]
    store.append(["b"], values[1:2])
    fresh = store_in(tmp_path)
    assert fresh.missing(["a", "b", "c"]) == []
    np.testing.assert_array_equal(fresh.read(["a", "b", "c"]), values)


@pytest.mark.parametrize("harm", ["damaged", "cut short", "gone"])
def test_damaged_entries_are_not_read(tmp_path: Path, harm: str):
    values = entries(3)
    store_in(tmp_path).append(["a", "b", "c"], values)
    store = store_in(tmp_path)
    store.keys()
    np.testing.assert_array_equal(store.read_verified("c"), values[2])
    content = bytearray(store.data.read_bytes())
    content[-1] ^= 0xFF
    if harm == "gone":
        store.data.unlink()
    else:
        store.data.write_bytes(content if harm == "damaged" else content[:-2])
    assert store.read_verified("c") is None
    assert store.read_verified("x") is None


def test_a_long_search_can_be_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cache, "VERIFIED_AT_ONCE", 2)
    store_in(tmp_path).append(["a", "b", "c"], entries(3))
    store, looks = store_in(tmp_path), list[None]()
    assert store.missing(["x", "a", "b", "c", "y"], between=lambda: looks.append(None)) == ["x", "y"]
    assert len(looks) == 3

    def leave() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        store.missing(["a"], between=leave)


@pytest.mark.parametrize("which", ["data", "index"])
def test_a_file_truncated_at_any_byte_loses_only_the_truncated_entries(tmp_path: Path, which: str):
    values = entries(2)
    whole = ActivationStore(tmp_path / "whole", about={"what": "a"}, shape=SHAPE, dtype="float16")
    whole.append(["a", "b"], values)
    data, index = whole.data.read_bytes(), whole.index.read_bytes()
    for end in range(len(data if which == "data" else index)):
        store = store_in(tmp_path)
        store.data.write_bytes(data[:end] if which == "data" else data)
        store.index.write_bytes(index[:end] if which == "index" else index)
        store = store_in(tmp_path)
        absent = store.missing(["a", "b"])
        assert "b" in absent
        for key, value in zip("ab", values, strict=True):
            if key not in absent:
                np.testing.assert_array_equal(store.read([key])[0], value)
        store.append(absent, values[["ab".index(key) for key in absent]])
        mended = store_in(tmp_path)
        assert mended.missing(["a", "b"]) == []
        np.testing.assert_array_equal(mended.read(["a", "b"]), values)


def test_a_folder_for_something_else_is_emptied(tmp_path: Path):
    store_in(tmp_path).append(["a"], entries(1))
    assert store_in(tmp_path, about="b").missing(["a"]) == ["a"]


def test_two_writers_take_turns(tmp_path: Path):
    one, two = store_in(tmp_path), store_in(tmp_path)
    assert one.missing("abc") == two.missing("abc") == ["a", "b", "c"]
    values = entries(3)
    one.append(["a", "b"], values[:2])
    two.append(["b", "c"], values[1:])
    for store in (one, two, store_in(tmp_path)):
        assert store.missing("abc") == []
        np.testing.assert_array_equal(store.read(["a", "b", "c"]), values)
    assert one.data.stat().st_size == 3 * one.entry_bytes


@pytest.mark.parametrize("harm", ["cut short", "folder gone", "emptied and begun anew"])
def test_a_store_deleted_while_in_use_is_a_user_error(tmp_path: Path, harm: str):
    store = store_in(tmp_path)
    store.append(["a", "b"], entries(2))
    rows = store.rows(["a", "b"])
    if harm == "cut short":
        store.data.write_bytes(b"")
    else:
        shutil.rmtree(store.folder)
    if harm == "emptied and begun anew":
        store.append(["c"], entries(1))
        with pytest.raises(UserError, match="emptied or changed while it was in use"):
            store.rows(["a", "b"])
    if harm == "folder gone":
        with pytest.raises(UserError, match="emptied or changed while it was in use"):
            store.mark_used()
    for read in (lambda: store.read(["a", "b"]), lambda: store.read_rows(rows)):
        with pytest.raises(UserError, match=r"emptied or changed while it was in use.*Try again") as caught:
            read()
        assert str(store.data) in str(caught.value)


def test_least_recently_used_stores_are_evicted(fresh_cache: Path):
    folders = []
    for number, name in enumerate(("old", "older", "new")):
        store = open_store({"backbone": name, "stage": "s"}, shape=SHAPE, dtype="float16")
        store.append(["a"], entries(1))
        used = time.time() - (2000, 3000, 0)[number]
        os.utime(store.folder / "used", (used, used))
        folders.append(store.folder)
    old, older, new = folders
    limit = folder_bytes(old) + folder_bytes(new)
    assert evict(activations_dir(), limit_bytes=limit) == [older]
    assert old.exists()
    assert evict(activations_dir(), limit_bytes=0) == [old]
    assert new.exists(), "a store in use stays, even over the limit"


def test_other_settings_other_folder(fresh_cache: Path):
    about = {"backbone": "b/c", "stage": "s", "weights": "1"}
    one = open_store(about, shape=SHAPE, dtype="float16")
    two = open_store({**about, "weights": "2"}, shape=SHAPE, dtype="float16")
    assert one.folder != two.folder
    assert one.folder.parent == two.folder.parent == activations_dir()


def test_entries_that_do_not_fit_on_the_disk_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    values = entries(5)
    store = store_in(tmp_path)
    store.append(["a", "b"], values[:2])
    before = (store.data.read_bytes(), store.index.read_bytes())
    whole = ActivationStore._write

    def full(self: ActivationStore, keys, blocks, fresh, *, row):
        whole(self, keys[:2], blocks[:2], set(fresh), row=row)
        self.index.write_bytes(before[1])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(ActivationStore, "_write", full)
        with pytest.raises(DiskFullError) as raised:
            store.append(["c", "d", "e"], values[2:])
    assert raised.value.filename == str(store.data)
    assert (store.data.read_bytes(), store.index.read_bytes()) == before
    assert store.missing("abcde") == ["c", "d", "e"]
    store.append(["c", "d", "e"], values[2:])
    again = store_in(tmp_path)
    assert again.missing("abcde") == []
    np.testing.assert_array_equal(again.read("abcde"), values)
