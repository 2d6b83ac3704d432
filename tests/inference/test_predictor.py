"""Predicting files with anything that has class names and probabilities."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tlstudio.core import progress
from tlstudio.core.answer_rules import AnswerRules
from tlstudio.core.control import Control
from tlstudio.core.dataset import LabelColumn
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import Event, StageProgress, StageStarted, ignore
from tlstudio.inference.predictor import ModelOutput, answer, predict_files


class Brightness:
    """Predicts "bright" by the mean of all pixels."""

    columns = (LabelColumn(classes=("dark", "bright")),)
    takes = "decoded"
    values = None

    rules = AnswerRules()

    def output(self, image: NDArray[np.uint8]) -> ModelOutput:
        share = float(image.mean()) / 255
        return ModelOutput(probabilities=np.array([1 - share, share]), unknown=0.25)


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
    assert [one.unknown for one in predicted] == [0.25, None, 0.25]
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


COLUMNS = (LabelColumn(name="species", classes=("ant", "bee")), LabelColumn(name="health", classes=("ill",)))


def test_the_answers_of_several_columns_are_told_apart():
    found = answer(Path("a.jpg"), columns=COLUMNS, probabilities=[0.25, 0.75, 1.0])
    assert found.probabilities == {"ant": 0.25, "bee": 0.75}
    assert found.columns == {"species": {"ant": 0.25, "bee": 0.75}, "health": {"ill": 1.0}}
    assert answer(Path("a.jpg"), columns=COLUMNS[:1], probabilities=[0.25, 0.75]).columns == {}


@pytest.mark.parametrize(
    "probabilities", [[0.25, 0.75], [0.25, 0.75, 0.5], [0.5, 0.75, 0.75], [0.25, 0.75, 0.5, 0.5], [0, 0, 2]]
)
def test_what_is_no_probability_in_some_column_is_refused(probabilities: list[float]):
    with pytest.raises(UserError, match="gives no probabilities for"):
        answer(Path("a.jpg"), columns=COLUMNS, probabilities=probabilities)


@pytest.mark.parametrize("unknown", [float("nan"), -0.01, 1.01])
def test_what_is_no_unknown_score_is_refused(unknown: float):
    assert answer(Path("a"), columns=COLUMNS, probabilities=[0.25, 0.75, 1.0], unknown=1.0).unknown == 1.0
    with pytest.raises(UserError, match="gives no probabilities for"):
        answer(Path("a"), columns=COLUMNS, probabilities=[0.25, 0.75, 1.0], unknown=unknown)
