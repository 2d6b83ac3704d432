"""Thumbnails and features for checks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.checks.made import dataset
from tests.training.tiny import PREPROCESSING, Photos, tiny_backbone
from tlstudio.checks.pixels import THUMBNAIL_SIZE, extract_features, read_thumbnails
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset
from tlstudio.core.errors import Cancelled
from tlstudio.core.events import StageProgress, StageStarted, ignore
from tlstudio.data.preprocessing import normalise
from tlstudio.data.scan import scan_folder
from tlstudio.features.images import read_input


def thumbnails(of: Dataset, *, emit=ignore, control: Control | None = None):
    return read_thumbnails(
        of, preprocessing=PREPROCESSING, run_id="r", emit=emit, control=control or Control()
    )


def features(of: Dataset):
    return extract_features(
        of, tiny_backbone(), preprocessing=PREPROCESSING, run_id="r", emit=ignore, control=Control()
    )


def test_thumbnails_are_small_copies_of_what_the_backbone_sees(photos: Photos, fresh_cache: Path):
    scanned, events = scan_folder(photos(per_class=2)), []
    found = thumbnails(scanned, emit=events.append)
    assert found.paths == tuple(image.path for image in scanned.images)
    assert found.pixels.shape == (6, THUMBNAIL_SIZE, THUMBNAIL_SIZE, 3)
    for path, pixels in zip(found.paths, found.pixels, strict=True):
        seen = read_input(Path(scanned.root) / path, preprocessing=PREPROCESSING).float()
        np.testing.assert_allclose(pixels.mean(axis=(0, 1)), seen.mean(dim=(1, 2)).numpy(), atol=3)
    assert isinstance(events[0], StageStarted)
    assert (events[-1].done, events[-1].total) == (6, 6)
    assert all(isinstance(event, StageProgress) for event in events[1:])


def test_an_image_that_is_gone_has_no_thumbnail(photos: Photos, fresh_cache: Path):
    scanned = scan_folder(photos(per_class=2))
    (Path(scanned.root) / "bees/photo-000.jpg").unlink()
    found = thumbnails(scanned)
    assert "bees/photo-000.jpg" not in found.paths
    assert len(found.paths) == len(found.pixels) == 5


def test_thumbnails_can_be_cancelled(photos: Photos, fresh_cache: Path):
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        thumbnails(scan_folder(photos(per_class=2)), control=control)


def test_features_are_those_of_the_backbone(photos: Photos, fresh_cache: Path):
    scanned = scan_folder(photos(per_class=2))
    found = features(scanned)
    files = [Path(scanned.root) / path for path in found.paths]
    inputs = torch.stack([read_input(file, preprocessing=PREPROCESSING) for file in files])
    with torch.inference_mode():
        wanted = tiny_backbone()(normalise(inputs, PREPROCESSING)).numpy()
    np.testing.assert_allclose(found.values, wanted, rtol=2e-3, atol=2e-3)


def test_without_images_there_are_neither_thumbnails_nor_features():
    assert thumbnails(dataset()).pixels.shape == (0, THUMBNAIL_SIZE, THUMBNAIL_SIZE, 3)
    assert features(dataset()).values.shape == (0, 24)
