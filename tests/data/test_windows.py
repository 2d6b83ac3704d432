"""One window of values for all images of a data set."""

from __future__ import annotations

import numpy as np
import pytest

from tlstudio.core.dataset import Image
from tlstudio.core.errors import UserError
from tlstudio.core.values import ORDINARY, ValueSummary, ValueWindow, window_words
from tlstudio.data.deep import DeepImage, render, summarise
from tlstudio.data.windows import choose_windows
from tlstudio.specs.recipe import ValueSettings


def image(path: str, values: ValueSummary | None) -> Image:
    return Image(path=path, sha256=path, values=values)


def picture(level: float, *, seed: int, most: int = 65535) -> DeepImage:
    """A dark ground with spots as bright as `level`, in whole numbers."""
    rng = np.random.default_rng(seed)
    values = rng.normal(110, 6, (96, 96))
    for y, x in rng.integers(10, 80, (6, 2)):
        values[y : y + 9, x : x + 9] += level
    return DeepImage(values=np.clip(values, 0, most).astype(np.uint16)[:, :, np.newaxis])


def windows_of(pictures: list[DeepImage], **settings: object) -> tuple[ValueWindow, ...]:
    images = [image(str(number), summarise(each)) for number, each in enumerate(pictures)]
    found = choose_windows(images, ValueSettings(**settings))
    assert found is not None
    return found


def mean(picture: DeepImage, windows: tuple[ValueWindow, ...]) -> float:
    return float(render(picture, windows).pixels.mean())


def test_dim_and_bright_specimens_keep_their_order():
    levels = [*np.linspace(180, 320, 20), *np.linspace(1400, 2600, 20)]
    pictures = [picture(level, seed=3) for level in levels]
    windows = windows_of(pictures)
    means = [mean(each, windows) for each in pictures]
    assert max(means[:20]) < min(means[20:])
    assert means[:20] == sorted(means[:20])


def test_one_hot_pixel_changes_no_picture():
    pictures = [picture(1500, seed=seed) for seed in range(12)]
    clean = windows_of(pictures)
    hot = DeepImage(values=pictures[0].values.copy())
    hot.values[3, 3] = 65535
    spoilt = windows_of([hot, *pictures[1:]])
    assert mean(hot, spoilt) == pytest.approx(mean(pictures[0], clean), abs=1)


def test_a_few_spoilt_pictures_do_not_turn_all_others_dark():
    pictures = [picture(1500, seed=seed) for seed in range(80)]
    before = mean(pictures[0], windows_of(pictures))
    glare = DeepImage(values=np.full((96, 96, 1), 60000, np.uint16))
    glare.values[0] = 0
    assert mean(pictures[0], windows_of([*pictures, glare])) == pytest.approx(before, rel=0.05)


def test_ten_twelve_and_sixteen_bits_of_one_set_share_a_window():
    pictures = [picture(800, seed=1, most=1023), picture(3900, seed=1, most=4095), picture(60000, seed=1)]
    windows = windows_of(pictures)
    assert len(windows) == 1
    means = [mean(each, windows) for each in pictures]
    assert means == sorted(means)
    assert means[0] < means[1] < means[2]


def test_each_layout_has_a_window_of_its_own():
    floats = DeepImage(values=np.linspace(-1, 1, 64).reshape(8, 8, 1))
    found = windows_of([picture(500, seed=0), floats])
    assert [window.layout for window in found] == ["grey, real numbers", "grey, whole numbers"]
    assert found[0].low[0] == pytest.approx(-1, abs=0.1)


def test_ordinary_images_need_no_window():
    flat = ValueSummary(layout=ORDINARY, bits=8, least=(1,), low=(1,), high=(1,), most=(1,))
    assert choose_windows([image("a", None), image("b", flat)], ValueSettings()) is None


def test_empty_frames_do_not_decide():
    empty = DeepImage(values=np.full((96, 96, 1), 9, np.uint16))
    pictures = [picture(900, seed=seed) for seed in range(3)]
    assert windows_of([*pictures, empty, empty]) == windows_of(pictures)
    (alone,) = windows_of([empty])
    assert alone.low < alone.high


def test_settings_choose_full_given_and_single_windows():
    pictures = [picture(800, seed=1, most=1023), picture(3900, seed=1, most=4095)]
    (full,) = windows_of(pictures, window="full")
    assert (full.low, full.high) == ((0.0,), (4095.0,))
    (given,) = windows_of(pictures, window="given", low=50, high=700)
    assert (given.low, given.high) == ((50.0,), (700.0,))
    (single,) = windows_of(pictures, window="image")
    assert single.low == ()
    assert mean(pictures[0], (single,)) == pytest.approx(mean(pictures[1], (single,)), abs=4)


def test_eight_bit_stacks_are_never_stretched():
    stack = DeepImage(values=np.full((4, 4, 2), 40, np.uint8))
    for setting in ("data-set", "image", "full"):
        windows = windows_of([stack], window=setting)
        assert render(stack, windows).pixels[0, 0].tolist() == [40, 40, 0]


def test_channels_are_picked_and_missing_ones_refused():
    stack = DeepImage(values=np.random.default_rng(0).integers(0, 900, (8, 8, 5)).astype(np.uint16))
    assert windows_of([stack])[0].channels == (1, 2, 3)
    assert windows_of([stack], channels=(4, 2))[0].channels == (4, 2)
    with pytest.raises(UserError, match="Channel 6 does not exist"):
        windows_of([stack], channels=(6,))


def test_wrong_settings_are_refused():
    for settings in ({"window": "given"}, {"window": "given", "low": 5, "high": 5}, {"channels": (0,)}):
        with pytest.raises(ValueError, match=r"needed|counted"):
            ValueSettings(**settings)


def test_a_window_knows_which_pictures_it_flattens():
    (window,) = windows_of([picture(900, seed=seed) for seed in range(4)])
    assert window.flattens(summarise(DeepImage(values=np.full((9, 9, 1), 60000, np.uint16))))
    bright = DeepImage(values=np.linspace(30000, 60000, 81).reshape(9, 9, 1).astype(np.uint16))
    assert window.flattens(summarise(bright))
    assert not window.flattens(summarise(picture(900, seed=9)))


def test_a_window_is_told_in_words():
    (window,) = windows_of([picture(900, seed=seed) for seed in range(4)], window="given", low=50, high=700)
    assert window_words(window) == "values 50 to 700 are seen as black to white in all of them"
