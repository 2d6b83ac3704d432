"""The looks of pictures that are kept by the content of their files."""

from __future__ import annotations

import errno
import hashlib

import numpy as np
import pytest
from PIL import Image

from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.core.events import StageStarted, ignore
from tlstudio.core.values import ValueWindow
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
    make_missing_looks(store, files, run_id="r", emit=emit, control=control or Control())
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


def test_looks_of_images_with_16_bits_are_kept_for_each_window_of_values(tmp_path, fresh_cache, files):
    rows = (np.arange(48 * 48, dtype=np.uint16).reshape(48, 48) * 3) + 100
    deep = tmp_path / "deep.png"
    Image.fromarray(rows).save(deep)
    layout = scan_folder(tmp_path).images[0].values.layout
    both = [(deep, hashlib.sha256(deep.read_bytes()).hexdigest()), files[0]]
    hashes = [sha256 for _, sha256 in both]

    def brightness(*windows):
        store = LookStore(values=windows)
        make_missing_looks(store, both, run_id="r", emit=ignore, control=Control())
        assert store.missing(hashes) == set()
        assert store.greys(hashes).shape[0] == 2
        return [facts.brightness for facts in store.facts(hashes)]

    def window(high):
        return ValueWindow(layout=layout, channels=(1,), low=(0.0,), high=(high,))

    alone, narrow, wide = brightness(), brightness(window(7000.0)), brightness(window(65535.0))
    assert wide[0] < 0.1 < narrow[0] - 0.1
    assert alone[0] == pytest.approx(0.5, abs=0.05)
    assert alone[1] == narrow[1] == wide[1]
    assert brightness(window(7000.0)) == narrow
