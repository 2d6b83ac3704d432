"""Runs compared with a first one."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.evaluation.tested_runs import answers, make_tested_run


def test_the_fixed_object_is_of_the_second_run_against_the_first(tmp_path: Path, do):
    runs = [
        make_tested_run(tmp_path / name, answers(right, 40 - right))
        for name, right in (("run-1", 20), ("run-2", 38), ("run-3", 22))
    ]
    value = do("compare", runs=[run.path for run in runs[:2]])
    assert value["runs"] == [str(run.path) for run in runs[:2]]
    assert (value["n"], value["difference"]) == (40, 18 / 40)
    low, high = value["interval"]
    assert 0 < low < value["difference"] < high
    assert value["p_value"] < 0.001
    assert value["verdict"].startswith("run-2 is better than run-1")
    assert "others" not in value
    several = do("compare", runs=[run.path for run in runs])
    assert several["runs"] == [str(run.path) for run in runs]
    assert several["difference"] == value["difference"]
    (third,) = several["others"]
    assert third["runs"] == [str(runs[0].path), str(runs[2].path)]
    assert "run-3 is not shown to be better than run-1" in third["verdict"]


def test_runs_of_one_name_are_told_apart_by_their_folders(tmp_path: Path, do):
    runs = [
        make_tested_run(tmp_path / place / "run-1", answers(right, 2))
        for place, right in (("a", 1), ("b", 2))
    ]
    assert str(runs[1].path) in do("compare", runs=[run.path for run in runs])["verdict"]


def test_label_columns_are_told_by_name(tmp_path: Path, do):
    runs = [
        make_tested_run(
            tmp_path / name, answers(5, 1), first_column="species", further={"sex": answers(right, 6 - right)}
        )
        for name, right in (("run-1", 2), ("run-2", 4))
    ]
    value = do("compare", runs=[run.path for run in runs])
    assert value["difference"] == value["columns"]["species"]["difference"] == 0
    assert value["columns"]["sex"]["difference"] == 2 / 6


def test_real_runs_note_what_they_are_tested_on(trained_run, do, tmp_path):
    copy = shutil.copytree(trained_run.run, tmp_path / "copy")
    value = do("compare", runs=[trained_run.run, copy])
    assert value["n"] == trained_run.result["images"]["test"]
    assert value["verdict"].startswith("No difference")
    assert value["differences"] == []
