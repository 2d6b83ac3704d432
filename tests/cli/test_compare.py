"""`tlstudio compare`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evaluation.tested_runs import answers, make_tested_run
from tlstudio.cli.main import main

KEYS = {"runs", "n", "difference", "interval", "p_value", "verdict"}


def test_it_prints_the_fixed_object(tmp_path: Path, call):
    runs = [
        make_tested_run(tmp_path / name, answers(right, 40 - right))
        for name, right in (("run-1", 20), ("run-2", 38), ("run-3", 22))
    ]
    code, value, _ = call("compare", runs[0].path, runs[1].path, "--json")
    assert code == 0
    assert set(value) == KEYS
    code, value, _ = call("compare", *(run.path for run in runs), "--json")
    assert code == 0
    assert set(value) == KEYS | {"others"}
    assert set(value["others"][0]) == KEYS


def test_label_columns_have_the_same_keys(tmp_path: Path, call):
    runs = [
        make_tested_run(
            tmp_path / name, answers(5, 1), first_column="species", further={"sex": answers(2, 4)}
        )
        for name in ("run-1", "run-2")
    ]
    _, value, _ = call("compare", runs[0].path, runs[1].path, "--json")
    assert set(value["columns"]["sex"]) == KEYS - {"runs"}


def test_people_read_sentences(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    runs = [
        make_tested_run(tmp_path / name, answers(right, 30 - right), recipe={"freeze": freeze})
        for name, right, freeze in (("run-1", 20, "head"), ("run-2", 24, "blocks.5"))
    ]
    assert main(["compare", *(str(run.path) for run in runs)]) == 0
    text = capsys.readouterr().out
    assert "run-2 against run-1, on the same 30 test images:" in text
    assert "  +13.3 points, 95 % interval −" in text
    assert ": 80.0 % against 66.7 % right (McNemar's test: p = 0.12)" in text
    assert "What learns: only the head → from blocks 5 up" in text


def test_runs_without_common_images_are_refused_in_one_line(tmp_path: Path, call):
    runs = [
        make_tested_run(tmp_path / name, answers(5, 0, first=first))
        for name, first in (("run-1", 0), ("run-2", 9))
    ]
    code, _, err = call("compare", runs[0].path, runs[1].path, "--json")
    assert code == 2
    assert err.strip().count("\n") == 0
    assert "no test image in common" in err


def test_one_run_alone_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        main(["compare", str(tmp_path)])
    assert ended.value.code == 2
    assert "RUN" in capsys.readouterr().err
