"""Hashes of files by way of their decoded inputs."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.conftest import Photos
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.core.events import Event, StageProgress, StageStarted, ignore
from tlstudio.core.types import Preprocessing
from tlstudio.data.near_hash import near_hash
from tlstudio.features.near_hashes import hash_files

PREPROCESSING = Preprocessing(input_size=32, resize_size=36)


def hashes(files: list[Path], *, emit=ignore, control: Control | None = None) -> list[str]:
    known = [(file, hashlib.sha256(file.read_bytes()).hexdigest()) for file in files]
    return list(
        hash_files(
            known,
            near_hash,
            nothing="none",
            preprocessing=PREPROCESSING,
            run_id="r",
            emit=emit,
            control=control or Control(),
        )
    )


def test_each_file_has_its_hash_and_one_that_cannot_be_read_has_none(photos: Photos, tmp_path: Path):
    files = sorted(photos(per_class=2).rglob("*.jpg"))
    (broken := tmp_path / "broken.jpg").write_bytes(b"no image")
    events: list[Event] = []
    found = hashes([*files, broken], emit=events.append)
    assert found[-1] == "none"
    assert len(set(found)) == len(files) + 1
    assert all(len(each) == 64 for each in found[:-1])
    started = next(event for event in events if isinstance(event, StageStarted))
    assert started.total == len(files) + 1
    assert [event.done for event in events if isinstance(event, StageProgress)][-1] == started.total


def test_it_can_be_cancelled(photos: Photos):
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        hashes(sorted(photos(per_class=1).rglob("*.jpg")), control=control)
