"""Predicting files with anything that has class names and probabilities."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tlstudio.core import progress
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.core.events import Event, StageProgress, StageStarted, ignore
from tlstudio.inference.predictor import predict_files


class Brightness:
    """Predicts "bright" by the mean of all pixels."""

    classes = ("dark", "bright")
    takes = "decoded"
    values = None

    def probabilities(self, image: NDArray[np.uint8]) -> NDArray[np.float64]:
        share = float(image.mean()) / 255
        return np.array([1 - share, share])


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """A white image, a file that is no image, a black image."""
    names = [tmp_path / name for name in ("white.png", "notes.jpg", "black.png")]
    Image.new("RGB", (4, 3), "white").save(names[0])
    names[1].write_bytes(b"no image at all")
    Image.new("RGB", (5, 2), "black").save(names[2])
    return names


def test_predictions_come_in_order_and_unreadable_files_get_their_reason(
    files: list[Path], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(progress, "SECONDS_BETWEEN", 0.0)
    events: list[Event] = []
    predicted = list(predict_files(Brightness(), files, run_id="job", emit=events.append, control=Control()))
    assert [one.path for one in predicted] == [str(file) for file in files]
    assert [one.class_name for one in predicted] == ["bright", None, "dark"]
    assert predicted[0].probabilities == {"dark": 0.0, "bright": 1.0}
    assert predicted[1].error
    assert predicted[0].error is None
    assert isinstance(events[0], StageStarted)
    assert [event.done for event in events if isinstance(event, StageProgress)] == [1, 2, 3]
    assert {event.run_id for event in events} == {"job"}


def test_cancel_is_obeyed_between_files(files: list[Path]):
    control = Control()
    predicted = predict_files(Brightness(), files, run_id="job", emit=ignore, control=control)
    next(predicted)
    control.cancel()
    with pytest.raises(Cancelled):
        next(predicted)
