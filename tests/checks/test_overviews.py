"""Overviews of images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tlstudio.checks.marks import POINTS
from tlstudio.checks.overviews import overviews_of, read_overviews
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.data.scan import scan_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two white images with a black corner, of other shapes."""
    for number, size in enumerate([(320, 64), (64, 128)]):
        picture = Image.new("RGB", size, "white")
        picture.paste("black", (0, 0, size[0] // 4, size[1] // 4))
        picture.save(tmp_path / f"{number}.png")
    return tmp_path


def test_whole_images_are_seen_also_their_margins(folder: Path):
    found = read_overviews(scan_folder(folder), windows=(), control=Control())
    assert found.paths == ("0.png", "1.png")
    assert found.values.shape == (2, POINTS, POINTS, 3)
    black = np.zeros((POINTS, POINTS), dtype=bool)
    black[: POINTS // 4, : POINTS // 4] = True
    for overview in found.values:
        assert np.array_equal(overview[..., 0] == 0, black)
        assert np.array_equal(overview[..., 0] == 1, ~black)


def test_a_file_that_is_gone_is_left_out_and_cancelling_ends_it(folder: Path):
    dataset = scan_folder(folder)
    (folder / "0.png").unlink()
    assert read_overviews(dataset, windows=(), control=Control()).paths == ("1.png",)
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        read_overviews(dataset, windows=(), control=control)


def test_overviews_of_inputs_are_means():
    pixels = torch.zeros((2, 3, 64, 64), dtype=torch.uint8)
    pixels[1, 0, :2, :2] = 255
    values = overviews_of(pixels)
    assert values.shape == (2, POINTS, POINTS, 3)
    assert values[1, 0, 0].tolist() == [1, 0, 0]
    assert values.sum() == 1
