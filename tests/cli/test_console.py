"""What is printed survives every console, and obeys no name."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from tlstudio.cli import main as main_module
from tlstudio.core.files import settings_dir


def tlstudio(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "tlstudio", *map(str, arguments)],
        env=os.environ | environment,
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("arguments", [["--help"], ["demo", "--help"], ["train", "--help"]])
def test_help_is_printed_on_a_console_that_lacks_its_letters(arguments):
    done = tlstudio(*arguments, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"usage" in done.stdout


def test_names_with_escape_sequences_are_shown_not_obeyed(trained, call, capsys, tmp_path):
    name = "\x1b[31mred\rx\ny.jpg"
    try:
        shutil.copy(next((trained.images / "ants").iterdir()), tmp_path / name)
    except OSError:
        pytest.skip("this file system allows no such names")
    (tmp_path / "\x1b[2J.jpg").write_bytes(b"")
    assert main_module.main(["predict", str(trained.run), str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "\\x1b[31mred\\rx\\ny.jpg: ants" in out
    assert "\x1b" not in out
    assert len(out.splitlines()) == 2
    code, _, err = call("predict", trained.run, tmp_path / "\x1b[31m gone")
    assert code == 2
    assert "\x1b" not in err
    assert len(err.splitlines()) == 1


def test_a_fault_of_ours_names_the_log_and_prints_no_traceback(trained, call, monkeypatch):
    monkeypatch.setattr("tlstudio.operations.predict._open_model", lambda *_, **__: 1 / 0)
    code, _, err = call("predict", trained.run, trained.images)
    assert code == 1
    (line,) = err.splitlines()
    log = settings_dir() / "log.txt"
    assert str(log) in line
    assert "ZeroDivisionError" in log.read_text(encoding="utf-8")


def test_a_result_that_cannot_be_told_is_a_fault_too(trained, call, monkeypatch):
    monkeypatch.setattr("tlstudio.cli.main._text", lambda *_: 1 / 0)
    assert call("backbones")[0] == 1


def test_a_pattern_is_expanded_where_the_shell_does_not(trained, call, monkeypatch):
    monkeypatch.chdir(trained.images / "ants")
    code, answers, _ = call("predict", trained.run, "*.jpg", "--json")
    assert (code, len(answers)) == (0, 14)
    code, _, err = call("predict", trained.run, "G:\\photos\\*.jpg")
    assert code == 2
    assert "No file matches" in err
