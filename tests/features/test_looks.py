"""The looks of pictures that are kept by the content of their files."""

from __future__ import annotations

import errno
import hashlib

import pytest

from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.core.events import StageStarted, ignore
from tlstudio.data.decode import decode_rgb
from tlstudio.data.near.look import look_of
from tlstudio.data.scan import scan_folder
from tlstudio.features.looks import LookStore, LookWriter, make_missing_looks


@pytest.fixture
def files(photos, fresh_cache):
    found = sorted(photos(per_class=2).rglob("*.jpg"))
    return [(file, hashlib.sha256(file.read_bytes()).hexdigest()) for file in found]


def make(files, *, emit=ignore, control=None):
    store = LookStore()
    make_missing_looks(store, files, values=(), run_id="r", emit=emit, control=control or Control())
    return store


def test_looks_made_while_a_folder_is_scanned_are_those_of_its_files(photos, fresh_cache):
    root = photos(per_class=3)
    writer = LookWriter()
    dataset = scan_folder(root, sink=writer)
    writer.flush()
    store = LookStore()
    assert store.known() == {image.sha256 for image in dataset.images}
    image = dataset.images[4]
    grey, facts = look_of(decode_rgb(root / image.path).pixels)
    assert (store.greys([image.sha256])[0] == grey).all()
    assert store.facts([image.sha256])[0].brightness == pytest.approx(facts.brightness)
    assert not LookWriter().wants(image.sha256)


def test_missing_looks_are_made_once(files):
    events = []
    store = make(files, emit=events.append)
    assert not store.missing(sha256 for _, sha256 in files)
    assert any(isinstance(event, StageStarted) for event in events)
    again = []
    make(files, emit=again.append)
    assert again == []


def test_a_file_that_was_changed_or_is_gone_goes_without(files):
    files[0][0].write_bytes(b"other")
    files[1][0].unlink()
    store = make(files)
    assert store.missing(sha256 for _, sha256 in files) == {sha256 for _, sha256 in files[:2]}


def test_it_can_be_cancelled(files):
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        make(files, control=control)


def test_a_full_disk_ends_the_keeping_and_not_the_scan(photos, fresh_cache, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(LookStore, "append", full)
    writer = LookWriter()
    assert len(scan_folder(photos(per_class=2), sink=writer).images) == 6
    writer.flush()
    assert not writer.wants("another")
