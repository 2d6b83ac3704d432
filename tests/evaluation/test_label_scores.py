"""Scored labels on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.checks.made import scored_labels
from tlstudio.core.errors import UserError
from tlstudio.evaluation.label_scores import label_scores_are_sound, read_label_scores, write_label_scores
from tlstudio.project.runs import RunFolder


def test_they_are_read_as_they_were_written(tmp_path: Path):
    run, scored = RunFolder(tmp_path), scored_labels(wrong=2)
    assert read_label_scores(run) is None
    write_label_scores(run, scored)
    assert read_label_scores(run) == scored
    assert label_scores_are_sound(run)


@pytest.mark.parametrize(
    "text", ["{", "{}", '{"labels": [], "rate": 3, "interval": [0, 1], "is_shown": true}']
)
def test_damage_is_said(tmp_path: Path, text: str):
    run = RunFolder(tmp_path)
    run.label_scores.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match="damaged"):
        read_label_scores(run)
    assert not label_scores_are_sound(run)


def test_none_is_suspected_while_it_is_not_shown_that_any_is_wrong():
    scored = scored_labels(wrong=2)
    assert [one.path for one in scored.suspected()] == ["0.jpg", "1.jpg"]
    assert replace(scored, is_shown=False).suspected() == ()
