"""Features read in blocks: from memory, a temporary file, and the cache."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest
import torch

from tlstudio.core.errors import DiskFullError
from tlstudio.core.files import cache_dir
from tlstudio.features import table as module
from tlstudio.features.store import ActivationStore
from tlstudio.features.table import FeatureFile, Features, joined

TABLE = torch.arange(70, dtype=torch.float32).view(10, 7)


@pytest.fixture(params=["memory", "file", "cache"])
def features(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Features:
    monkeypatch.setattr(module, "BLOCK", 4)
    if request.param == "memory":
        return Features.of(TABLE)
    if request.param == "file":
        file = FeatureFile(7)
        for part in TABLE.split(3):
            file.append(part)
        return file.features()
    store = ActivationStore(tmp_path / "store", about={}, shape=(7,), dtype="float16")
    keys = [f"key{number}" for number in range(10)]
    order = [3, 1, 2, 0, 4, 5, 6, 9, 8, 7]
    store.append([keys[i] for i in order], TABLE[order].numpy().astype(np.float16))
    rows = torch.from_numpy(store.rows(keys))
    return Features(lambda rows: torch.from_numpy(store.read_rows(rows.numpy())), rows=rows, size=7)


def test_blocks_are_in_order_and_bounded(features: Features):
    blocks = list(features.blocks())
    assert [len(block) for block in blocks] == [4, 4, 2]
    assert len(features) == 10
    assert features.size == 7
    assert torch.equal(torch.cat(blocks), TABLE)
    assert features.table().dtype == torch.float32


@pytest.mark.parametrize("chosen", [slice(2, 9, 3), torch.tensor([8, 1, 1, 2, 3]), slice(0, 0)])
def test_a_part_of_the_images_can_be_selected(features: Features, chosen: slice | torch.Tensor):
    part = features[chosen]
    assert len(part) == len(TABLE[chosen])
    assert torch.equal(part.table(), TABLE[chosen])
    assert torch.equal(part[torch.arange(len(part))].table(), TABLE[chosen])


def test_a_temporary_file_leaves_nothing_behind():
    file = FeatureFile(7)
    file.append(TABLE)
    features = file.features()[torch.tensor([5])]
    opened = file._file
    del file
    assert torch.equal(features.table(), TABLE[5:6]), "whoever reads keeps it"
    del features
    assert opened.closed
    assert [path for path in cache_dir().iterdir() if path.is_file()] == []


def test_a_full_disk_names_the_place_and_the_missing_space(monkeypatch: pytest.MonkeyPatch):
    file = FeatureFile(7)
    opened, sizes = file._file, []

    class Full:
        """Takes three bytes, then refuses."""

        def write(self, block: memoryview) -> int:
            sizes.append(len(block))
            if len(sizes) == 1:
                return opened.write(block[:3])
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(file, "_file", Full())
    with pytest.raises(DiskFullError) as full:
        file.append(TABLE)
    assert sizes == [TABLE.numel() * 4, TABLE.numel() * 4 - 3]
    assert full.value.filename == str(cache_dir() / "features")
    opened.close()


def test_few_features_are_loaded_into_memory_and_many_into_a_file(features: Features):
    few = features.loaded(len(features) * features.size)
    assert few is not features
    assert torch.equal(few.table(), features.table())
    many = features.loaded(len(features) * features.size - 1)
    assert torch.equal(many[torch.tensor([3, 0])].table(), features.table()[[3, 0]])


@pytest.mark.parametrize("most", [0, 10**6])
def test_parts_are_joined_in_memory_or_in_a_file(most: int):
    parts = [Features.of(TABLE), Features.of(TABLE[:2] + 1)]
    whole = joined(parts, most=most)
    assert torch.equal(whole.table(), torch.cat([TABLE, TABLE[:2] + 1]))
    assert torch.equal(whole[torch.tensor([len(TABLE), 0])].table()[1], TABLE[0])
