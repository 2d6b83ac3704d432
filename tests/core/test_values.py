"""Summaries and windows go through files and back."""

from __future__ import annotations

import json
from dataclasses import asdict

from tlstudio.core.typed_values import read_dataclass
from tlstudio.core.types import Preprocessing, preprocessing_from_values
from tlstudio.core.values import ValueSummary, ValueWindow

WINDOW = ValueWindow(layout="2 channels, whole numbers", channels=(1, 2), low=(3.0, 4.0), high=(9.5, 80.0))


def test_summaries_and_windows_survive_json():
    summary = ValueSummary(
        layout="grey, real numbers", bits=0, least=(-1.5,), low=(-1.0,), high=(2.0,), most=(3.0,)
    )
    assert read_dataclass(ValueSummary, json.loads(json.dumps(asdict(summary)))) == summary
    assert read_dataclass(ValueWindow, json.loads(json.dumps(asdict(WINDOW)))) == WINDOW


def test_preprocessing_with_windows_survives_json():
    preprocessing = Preprocessing(values=(WINDOW,))
    assert preprocessing_from_values(json.loads(json.dumps(preprocessing.as_values()))) == preprocessing


def test_preprocessing_without_windows_looks_as_in_earlier_versions():
    values = Preprocessing().as_values()
    assert sorted(values) == ["fit", "input_size", "interpolation", "mean", "resize_size", "std"]
    assert preprocessing_from_values(values) == Preprocessing()
