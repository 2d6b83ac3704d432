"""Exit codes, one line on stderr, never a traceback."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tlstudio.cli.main import main
from tlstudio.core.errors import Cancelled, DiskFullError


def images_of(kind: str, root: Path) -> Path:
    folder = root / "images"
    if kind == "missing":
        return root / "nowhere"
    folder.mkdir()
    if kind == "a file":
        file = root / "file.jpg"
        file.write_bytes(b"x")
        return file
    if kind == "one class":
        from tests.conftest import draw_photo

        (folder / "ants").mkdir()
        for number in range(5):
            draw_photo(0, width=40, height=40, seed=number).save(folder / "ants" / f"{number}.png")
    if kind == "no image":
        (folder / "ants").mkdir()
        (folder / "ants" / "a.txt").write_text("no image")
    return folder


@pytest.mark.parametrize("kind", ["missing", "empty", "a file", "one class", "no image"])
def test_wrong_input_is_one_line_with_the_mend_and_exit_code_2(kind, call, tmp_path):
    code, _, err = call("train", images_of(kind, tmp_path), "--run", tmp_path / "run", "--json")
    assert code == 2
    lines = [line for line in err.splitlines() if line.startswith("tlstudio:")]
    assert len(lines) == 1
    assert lines[0].count(". ") >= 1, "what happened, then the mend"


def test_a_run_folder_that_cannot_be_written(call, photos, tmp_path):
    (tmp_path / "file").write_text("in the way")
    code, _, err = call("train", photos(), "--run", tmp_path / "file" / "run")
    assert code == 2
    assert "run folder" in err


@pytest.mark.parametrize(
    "command", [("evaluate",), ("report", "--out", "r.html"), ("export", "--format", "onnx", "--out", "o")]
)
def test_no_run_in_the_folder(command, call, tmp_path):
    code, _, err = call(command[0], tmp_path, *command[1:])
    assert code == 2
    assert "no run" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train"], "folder, --run"),
        (["train", ".", "--run", "r", "--epochs", "x"], "“x” is no whole number"),
        (["dance"], "dance"),
    ],
)
def test_wrong_usage_is_one_line_with_the_mend_and_exit_code_2(arguments, words, capsys):
    with pytest.raises(SystemExit) as raised:
        main(arguments)
    assert raised.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line
    assert "--help` lists" in line


def test_a_closed_pipe_and_a_full_disk_give_no_traceback(tmp_path):
    command = [sys.executable, "-m", "tlstudio", "backbones", "--json"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")
    if not Path("/dev/full").exists():
        return
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("tlstudio: The disk is full (standard output).")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
def test_a_full_disk_behind_stderr_does_not_change_the_exit_code(photos, tmp_path, monkeypatch, capsys):
    for arguments, code in ((["check", photos()], 0), (["check", tmp_path / "nothing"], 2)):
        with Path("/dev/full").open("w") as full:
            monkeypatch.setattr(sys, "stderr", full)
            assert main([str(argument) for argument in arguments]) == code
        assert bool(capsys.readouterr().out) == (code == 0)


def test_a_name_that_is_not_text_can_be_printed(trained, tmp_path, monkeypatch, capsys):
    images, run, _ = trained
    photo = (images / "ants" / "photo-000.jpg").read_bytes()
    name = os.fsdecode(b"caf\xe9.jpg")
    try:
        (tmp_path / name).write_bytes(photo)
    except OSError:
        pytest.skip("this file system allows only names that are text")
    monkeypatch.chdir(tmp_path)
    assert main(["predict", str(run), name]) == 0
    assert "caf\\udce9.jpg: ants" in capsys.readouterr().out


@pytest.mark.slow
def test_ctrl_c_keeps_what_was_done(photos, tmp_path):
    images = photos(classes=("ants", "bees"), per_class=7)
    command = [sys.executable, "-m", "tlstudio", "train", str(images), "--run", str(tmp_path / "run")]
    command += ["--freeze", "blocks.6", "--epochs", "200", "--json"]
    events = tmp_path / "run" / "events.jsonl"
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 200
        while process.poll() is None and not (events.exists() and '"epoch": 2,' in events.read_text()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert out == ""
    assert {file.name for file in (events.parent / "checkpoints").iterdir()} == {
        "best.safetensors",
        "last.safetensors",
    }


def test_without_a_screen_the_app_says_what_to_do(monkeypatch):
    environment = {
        k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    done = subprocess.run(
        [sys.executable, "-m", "tlstudio"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "tlstudio demo" in done.stderr


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        (("predict", "run", "a.jpg"), "With --csv, the same command goes on where it stopped."),
        (("train", "images", "--run", "run"), "Continue with --resume."),
        (("report", "run", "--out", "r.html"), "Free some space, then try again."),
    ],
)
def test_each_command_says_how_it_goes_on_after_a_full_disk(command, hint, monkeypatch, capsys):
    def fail(*_: object, **__: object) -> None:
        raise DiskFullError(errno.ENOSPC, "there", missing_bytes=None)

    monkeypatch.setattr(f"tlstudio.cli.commands.{command[0]}.run_operation", fail)
    assert main(command) == 2
    err = capsys.readouterr().err
    assert err.rstrip().endswith(hint)
    assert "Free some space, then try again." in err


def test_an_endless_path_is_not_printed_whole(call, tmp_path):
    code, _, err = call("report", "x" * 50_000, "--out", tmp_path / "r.html")
    assert code == 2
    assert len(err) < 4000
    assert err.endswith(".\n")


@pytest.mark.parametrize("has_begun", [False, True])
def test_a_cancelled_training_can_be_resumed_only_once_it_has_begun(has_begun, monkeypatch, capsys, tmp_path):
    def cancel(*_: object, **__: object) -> None:
        if has_begun:
            (tmp_path / "recipe.json").write_text("{}")
        raise Cancelled

    monkeypatch.setattr("tlstudio.cli.commands.train.run_operation", cancel)
    assert main(["train", "images", "--run", str(tmp_path)]) == 130
    err = capsys.readouterr().err
    assert ("Continue with --resume." in err) is has_begun
    assert ("nothing to resume: start it again" in err) is not has_begun
