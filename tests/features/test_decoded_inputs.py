"""The cache of decoded inputs."""

import errno

import pytest
import torch

from tlstudio.core.types import Preprocessing
from tlstudio.data.scan import scan_folder
from tlstudio.features.decoded_inputs import InputCache, InputWriter, open_input_store
from tlstudio.features.images import read_ahead, read_input

CROP = Preprocessing(input_size=8, resize_size=9)


@pytest.fixture
def store(fresh_cache):
    return open_input_store(CROP)


def some_input(number: int) -> torch.Tensor:
    return torch.arange(3 * 64, dtype=torch.int64).add(number).remainder(256).to(torch.uint8).view(3, 8, 8)


def test_added_inputs_are_read_back_bit_for_bit(store):
    names = [f"{number:064x}" for number in range(20)]
    fresh = InputCache(store)
    assert names[0] not in fresh
    for number, name in enumerate(names):
        fresh.add(name, some_input(number))
    fresh.flush()
    known = InputCache(open_input_store(CROP))
    assert all(name in known for name in names)
    assert torch.equal(known.read(names[7]), some_input(7))


def test_a_damaged_input_counts_as_missing(store):
    fresh = InputCache(store)
    fresh.add("a", some_input(1))
    fresh.flush()
    content = bytearray(store.data.read_bytes())
    content[5] ^= 0xFF
    store.data.write_bytes(content)
    known = InputCache(open_input_store(CROP))
    assert known.read("a") is None
    known.add("a", some_input(1))
    known.flush()
    assert torch.equal(InputCache(open_input_store(CROP)).read("a"), some_input(1))


def test_inputs_deleted_meanwhile_count_as_missing(store):
    fresh = InputCache(store)
    fresh.add("a", some_input(1))
    fresh.flush()
    known = InputCache(open_input_store(CROP))
    store.data.unlink()
    assert known.read("a") is None


@pytest.mark.parametrize(
    ("other", "shared"),
    [
        (Preprocessing(input_size=8, resize_size=9, mean=(0.1, 0.2, 0.3)), True),
        (Preprocessing(input_size=8, resize_size=10), False),
        (Preprocessing(input_size=8, resize_size=9, interpolation="bilinear"), False),
        (Preprocessing(input_size=8, resize_size=9, fit="pad"), False),
    ],
)
def test_backbones_share_inputs_only_where_the_pixels_are_the_same(store, other, shared):
    assert (open_input_store(other).folder == store.folder) is shared


def test_a_changed_image_does_not_get_the_cached_input_of_its_old_content(photos, store):
    file = next(photos().rglob("*.jpg"))
    known = InputCache(store)
    (read,) = read_ahead([(file, "0" * 64)], preprocessing=CROP, threads=1, cache=known)
    assert "changed" in str(read)
    assert "0" * 64 not in InputCache(open_input_store(CROP))


def test_on_a_full_disk_inputs_are_dropped_and_reading_continues(store, monkeypatch):
    tries = []

    def full(keys, entries):
        tries.append(len(keys))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store, "append", full)
    names = [f"{number:064x}" for number in range(40)]
    fresh = InputCache(store)
    for name in names:
        fresh.add(name, some_input(1))
    fresh.flush()
    assert tries == [InputCache.BATCH_SIZE]
    assert names[0] not in fresh


def test_other_disk_errors_are_raised(store, monkeypatch):
    def broken(keys, entries):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(store, "append", broken)
    fresh = InputCache(store)
    fresh.add("a", some_input(1))
    with pytest.raises(OSError, match="Input/output"):
        fresh.flush()


def test_a_photo_decoded_during_the_scan_is_not_decoded_again(photos, fresh_cache):
    root = photos(per_class=12)
    plain = scan_folder(root)
    sink = InputWriter(CROP)
    assert scan_folder(root, sink=sink) == plain
    sink.flush()
    hashes = [record.sha256 for record in plain.images]
    known = InputCache(open_input_store(CROP))
    for record in plain.images:
        assert record.sha256 in known
        wanted = read_input(root / record.path, preprocessing=CROP)
        assert torch.equal(known.read(record.sha256), wanted)
    again = InputWriter(CROP)
    assert not any(again.wants(sha256) for sha256 in hashes)
    assert again.wants("0" * 64)


def test_problem_files_are_the_same_with_and_without_caching(photos, fresh_cache):
    root = photos(per_class=3)
    whole = next(root.rglob("*.jpg")).read_bytes()
    (root / "ants" / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (root / "ants" / "torn.jpg").write_bytes(b"\xff\xd8\xff\xe0 torn")
    sink = InputWriter(CROP)
    with_sink = scan_folder(root, sink=sink)
    assert with_sink == scan_folder(root)
    assert [problem.code for problem in with_sink.problems] == ["truncated", "truncated"]


def test_an_unwritable_cache_does_not_make_photos_problem_files(photos, fresh_cache, monkeypatch):
    root = photos(per_class=12)
    sink = InputWriter(CROP)

    def refused(keys, entries):
        raise PermissionError(13, "Permission denied", "data.bin")

    monkeypatch.setattr(sink._inputs._store, "append", refused)
    report = scan_folder(root, sink=sink)
    assert report == scan_folder(root)
    assert not report.problems
    assert not sink.wants("0" * 64), "it does not try again"
