"""The map over the photo: colours lie where they belong, and what was cut off is dark."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tlstudio.core.types import Preprocessing
from tlstudio.data.preprocessing import seen_side, to_input
from tlstudio.inference.relevance_picture import LONGEST_SIDE, SEEN, UNSEEN, draw_relevance

CROP = Preprocessing(input_size=64, resize_size=80)
PAD = Preprocessing(input_size=64, resize_size=80, fit="pad")


def grey(height: int, width: int) -> np.ndarray:
    return np.full((height, width, 3), 200, dtype=np.uint8)


@pytest.mark.parametrize("fit", [CROP, PAD], ids=["crop", "pad"])
@pytest.mark.parametrize("size", [(120, 160), (160, 120), (100, 100)])
def test_what_the_input_shows_at_a_place_is_what_the_photo_shows_there(
    fit: Preprocessing, size: tuple[int, int]
):
    height, width = size
    photo = grey(height, width)
    photo[height // 2 - 20 : height // 2 - 8, width // 2 + 6 : width // 2 + 18] = 0
    shown = to_input(photo, fit).float().mean(dim=0)
    mark = (shown < 60).float().numpy()
    drawn = np.asarray(draw_relevance(grey(height, width), mark, fit)).astype(int)
    coloured = np.abs(drawn - round(200 * SEEN)).sum(axis=2)
    inside = np.zeros((height, width), dtype=bool)
    side = seen_side(height, width, fit)
    rows, columns = np.arange(height)[:, None], np.arange(width)
    inside[
        (np.abs(rows - (height - 1) / 2) < side / 2 - 2) & (np.abs(columns - (width - 1) / 2) < side / 2 - 2)
    ] = True
    marked = photo[..., 0] == 0
    assert (coloured[marked] > 50).mean() > 0.7
    assert (coloured[inside & ~marked] < 50).mean() > 0.96


def test_what_the_preprocessing_cuts_off_is_dark():
    drawn = np.asarray(draw_relevance(grey(100, 200), np.zeros((64, 64), dtype=np.float32), CROP))
    assert drawn[50, 100].tolist() == [round(200 * SEEN)] * 3
    assert drawn[50, 5].tolist() == [round(200 * UNSEEN)] * 3
    assert drawn[2, 100].tolist() == [round(200 * UNSEEN)] * 3
    whole = np.asarray(draw_relevance(grey(100, 200), np.zeros((64, 64), dtype=np.float32), PAD))
    assert (whole == round(200 * SEEN)).all()


def test_a_large_photo_is_reduced():
    drawn = draw_relevance(grey(1500, 3000), torch.rand(64, 64).numpy(), CROP)
    assert drawn.size == (LONGEST_SIDE, LONGEST_SIDE // 2)
