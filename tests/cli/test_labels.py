"""`tlstudio project new` and `tlstudio labels`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tlstudio.cli.main import main

pytestmark = pytest.mark.usefixtures("tiny_backbones")


def test_labels_go_round_by_the_command_line(photos, call, tmp_path: Path):
    project = tmp_path / "project"
    code, made, _ = call("project", "new", photos(), "--out", project, "--ignore-labels", "--json")
    assert (code, made["images"], made["labelled"]) == (0, 24, 0)
    code, first, _ = call("labels", "next", project, "--count", 4, "--json")
    assert (code, len(first)) == (0, 4)
    assert set(first[0]) == {"path", "suggestion", "probability"}
    table = tmp_path / "labels.csv"
    lines = ["image,label", *(f"{row['path']},{row['path'].split('/')[0]}" for row in first)]
    table.write_text("\n".join(lines), encoding="utf-8")
    assert call("labels", "import", project, "--csv", table, "--json")[1]["labelled"] == 4
    assert call("labels", "status", project, "--json")[1]["labelled"] == 4
    code, written, _ = call("labels", "export", project, "--csv", tmp_path / "out.csv", "--json")
    assert (code, written["labelled"]) == (0, 4)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("import", "."), "needs --csv"),
        (("next", "."), "needs --count"),
        (("next", ".", "--count", "0"), "at least 1"),
        (("next", ".", "--count", "2", "--seed", "-1"), "not be negative"),
        (("status", ".", "--csv", "x.csv"), "has no --csv"),
        (("export", ".", "--csv", "x.csv", "--seed", "3"), "has no --seed"),
        (("status", "no-such-project"), "no project"),
    ],
)
def test_wrong_usage_is_one_line(call, arguments, words):
    code, _, error = call("labels", *arguments)
    assert code == 2
    assert words in error
    assert len(error.strip().splitlines()) == 1


def test_people_read_sentences(photos, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    project = str(tmp_path / "project")
    assert main(["project", "new", str(photos()), "--out", project]) == 0
    assert "24 images, 24 with a label, 3 classes" in capsys.readouterr().out
    assert main(["labels", "status", project]) == 0
    assert "24 of 24 images labelled\n  ants: 8" in capsys.readouterr().out
    assert main(["labels", "next", project, "--count", "2"]) == 0
    assert capsys.readouterr().out.strip() == "All images have a label."
