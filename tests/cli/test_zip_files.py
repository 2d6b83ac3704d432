"""Zip files in place of folders of images."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tlstudio.cli.main import main
from tlstudio.core.files import projects_dir


@pytest.fixture
def bees(photos, tmp_path: Path, own_folders: None) -> Path:
    """A zip file of two classes of three images."""
    return Path(
        shutil.make_archive(str(tmp_path / "bees"), "zip", photos(classes=("ants", "bees"), per_class=3))
    )


def test_a_zip_file_is_checked_like_a_folder_and_its_place_is_said(bees, capsys):
    assert main(["check", str(bees), "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out.splitlines()[-1])["classes"] == {"ants": 3, "bees": 3}
    assert f"Note: bees.zip is unpacked in {projects_dir() / 'bees' / 'images'}." in printed.err


def test_a_damaged_zip_file_is_one_sentence(tmp_path: Path, own_folders: None, capsys):
    file = tmp_path / "bees.zip"
    file.write_bytes(b"PK no more")
    assert main(["train", str(file), "--run", str(tmp_path / "run")]) == 2
    printed = capsys.readouterr()
    assert "bees.zip is damaged or no zip file" in printed.err
    assert "Traceback" not in printed.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "{zip}", "--run", "{tmp}/run"],
        ["rank", "{zip}"],
        ["evaluate", "{tmp}/run", "--images", "{zip}"],
        ["predict", "{tmp}/run", "{zip}"],
        ["report", "{tmp}/run", "--out", "{tmp}/report.html", "--images", "{zip}"],
        ["export", "{tmp}/run", "--format", "onnx", "--out", "{tmp}/model.onnx", "--images", "{zip}"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_every_command_that_takes_images_takes_a_zip_file(arguments, bees, tmp_path, monkeypatch):
    taken = []
    command = arguments[0]
    monkeypatch.setattr(
        f"tlstudio.cli.commands.{command}.unpacked", lambda path, _context: taken.append(path)
    )
    main([part.format(zip=bees, tmp=tmp_path) for part in arguments])
    assert taken == [bees]
