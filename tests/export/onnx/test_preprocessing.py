"""The graph's pixels against those of the one preprocessing, bit for bit."""

from __future__ import annotations

from functools import cache

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tlstudio.core.types import Preprocessing
from tlstudio.data.preprocessing import normalise, to_input
from tlstudio.export.onnx.preprocessing import preprocessing_model

KINDS = {
    "as EfficientNet-Lite0": Preprocessing(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5)),
    "as ResNet": Preprocessing(interpolation="bilinear"),
    "padded": Preprocessing(fit="pad"),
    "padded bilinear, odd size": Preprocessing(input_size=75, fit="pad", interpolation="bilinear"),
    "little to crop": Preprocessing(input_size=96, resize_size=97),
    "nothing to crop": Preprocessing(input_size=64, resize_size=64, interpolation="bilinear"),
    "fewer pixels than strips": Preprocessing(input_size=3, resize_size=5),
}


@cache
def _session(kind: str) -> onnxruntime.InferenceSession:
    model = preprocessing_model(KINDS[kind])
    onnx.checker.check_model(model, full_check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _pixels(height: int, width: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng([height, width, seed])
    pixels = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    # Black and white makes the filters overshoot, so that clamping is seen.
    return np.where(pixels > 127, 255, 0).astype(np.uint8) if seed % 2 else pixels


def _assert_same(kind: str, pixels: np.ndarray) -> None:
    preprocessing = KINDS[kind]
    by_torch = normalise(to_input(pixels, preprocessing)[None], preprocessing).numpy()
    by_graph = _session(kind).run(None, {"image": pixels})[0]
    std = np.array(preprocessing.std).reshape(3, 1, 1) * 255
    assert by_graph.shape == by_torch.shape
    worst = np.abs((by_graph - by_torch) * std).max()
    assert worst < 1e-3, f"{pixels.shape} {kind}: up to {worst:.3f} levels of 255 apart"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("height", "width"),
    [
        (1, 1),
        (1, 700),
        (700, 1),
        (2, 3),
        (224, 224),
        (256, 256),
        (257, 255),
        (480, 640),
        (1000, 37),
        (97, 301),
    ],
)
def test_pixels_are_those_of_the_preprocessing(kind: str, height: int, width: int) -> None:
    for seed in range(2):
        _assert_same(kind, _pixels(height, width, seed))


@settings(max_examples=25, deadline=None)
@given(
    kind=st.sampled_from(list(KINDS)),
    height=st.integers(1, 900),
    width=st.integers(1, 900),
    seed=st.integers(0, 3),
)
@example(kind="as EfficientNet-Lite0", height=3, width=5000, seed=0)
@example(kind="padded", height=5000, width=2, seed=1)
def test_pixels_at_any_size(kind: str, height: int, width: int, seed: int) -> None:
    _assert_same(kind, _pixels(height, width, seed))


def test_a_photo_of_twelve_megapixels() -> None:
    _assert_same("as EfficientNet-Lite0", np.tile(_pixels(300, 400, 0), (10, 10, 1)))
