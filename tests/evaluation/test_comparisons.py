"""The file of comparisons of a run."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from tests.checks.made import pretraining, strategy, teacher
from tlstudio.core.errors import UserError
from tlstudio.evaluation.comparisons import (
    Comparisons,
    drop_damaged_comparisons,
    read_comparisons,
    write_comparisons,
)
from tlstudio.project.runs import RunFolder


def test_what_is_written_is_read_again(tmp_path: Path):
    run = RunFolder(tmp_path)
    assert read_comparisons(run) == Comparisons()
    for comparisons in (
        Comparisons(pretraining=pretraining(0.9, 0.5)),
        Comparisons(strategy=strategy(0.5, 0.75), pretraining=pretraining(0.3, 0.6)),
        Comparisons(teacher=teacher(0.8, 0.9)),
    ):
        write_comparisons(run, comparisons)
        assert read_comparisons(run) == comparisons


def changed(**figures: float) -> str:
    """A file in which figures of one comparison were changed."""
    return json.dumps({"teacher": {**asdict(teacher(0.8, 0.9)), **figures}})


@pytest.mark.parametrize(
    "text",
    [
        *("{", "[]", '{"strategy": 3}', '{"strategy": {"n": 1}}'),
        *(changed(accuracy=5), changed(accuracy=math.nan), changed(difference=math.nan), changed(n=-1)),
    ],
)
def test_a_damaged_file_is_said(tmp_path: Path, text: str):
    run = RunFolder(tmp_path)
    run.comparisons.write_text(text)
    with pytest.raises(UserError):
        read_comparisons(run)
    drop_damaged_comparisons(run)
    assert read_comparisons(run) == Comparisons()


def test_a_fresh_figure_that_is_no_number_ends_nothing(tmp_path: Path):
    run = RunFolder(tmp_path)
    odd = replace(strategy(0.5, 0.75), numbers={"guessed": math.nan})
    write_comparisons(run, Comparisons(strategy=odd, pretraining=pretraining(0.9, 0.5)))
    assert read_comparisons(run) == Comparisons(pretraining=pretraining(0.9, 0.5))


def test_a_sound_file_is_not_dropped(tmp_path: Path):
    run = RunFolder(tmp_path)
    drop_damaged_comparisons(run)  # there is none
    write_comparisons(run, Comparisons(strategy=strategy(0.5, 0.75)))
    drop_damaged_comparisons(run)
    assert read_comparisons(run).strategy is not None
