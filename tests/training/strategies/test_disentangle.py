"""The strategy that ignores something."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.training.tiny import Photos, same_weights, train
from tlstudio.core.errors import UserError
from tlstudio.project.runs import RunFolder

pytestmark = pytest.mark.usefixtures("tiny")


def with_table(root: Path, site) -> Path:
    """Put a table with the site of each image beside the images: `site(number, class)`."""
    paths = sorted(path.relative_to(root) for path in root.rglob("*.*") if path.suffix != ".csv")
    with (root / "labels.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["image", "site"])
        rows.writerows([path.as_posix(), site(n, path.parts[0])] for n, path in enumerate(paths))
    return root


def recipe(rule: str = "site") -> dict[str, object]:
    return {"strategy": "disentangle", "inputs": {"ignore": rule}}


def test_it_says_what_could_be_guessed_and_gives_the_same_again_unless_the_table_changed(
    photos: Photos, tmp_path: Path
):
    root = with_table(photos(per_class=8), lambda n, _: f"site {n % 2}")
    result = train(root, tmp_path / "run", **recipe())
    found = json.loads((tmp_path / "run/comparisons.json").read_text())["strategy"]
    assert found["reason"].startswith("“site” could be guessed for ")
    assert 0 <= found["numbers"]["guessed"] <= 1
    assert result["epochs"] > 0
    train(root, tmp_path / "two", **recipe())
    assert same_weights(tmp_path / "run", tmp_path / "two")
    RunFolder(tmp_path / "run").metrics.unlink()  # as after a kill: it reads its comparison, and fits again
    train(root, tmp_path / "run", resume=True)
    assert same_weights(tmp_path / "run", tmp_path / "two")
    RunFolder(tmp_path / "run").metrics.unlink()
    with_table(root, lambda n, _: f"site {n % 3}")
    with pytest.raises(UserError, match="was changed since it started: What to ignore"):
        train(root, tmp_path / "run", resume=True)


def test_what_goes_with_the_class_cannot_be_saved_and_is_said(photos: Photos, tmp_path: Path):
    result = train(photos(per_class=6), tmp_path / "run", **recipe("^[^/]+"))
    assert any("little can be saved" in warning for warning in result["warnings"])
    assert json.loads((tmp_path / "run/comparisons.json").read_text())["strategy"]["start_returned"]
