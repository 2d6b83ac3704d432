"""The chapter docs/transfer: each strategy has a page with a picture, a measured example and its command."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tlstudio.specs import STRATEGIES

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = ROOT / "docs" / "transfer"
PARTS = ("What it does.", "When it helps.", "What it needs.", "What can go wrong.", "Measured")


@pytest.mark.parametrize("name", [spec.id for spec in STRATEGIES])
def test_the_page_of_a_strategy_has_a_picture_and_a_measured_example(name):
    text = (CHAPTER / f"{name}.md").read_text(encoding="utf-8")
    assert [part for part in PARTS if f"**{part}**" not in text] == []
    (alternative,) = re.findall(rf"!\[([^]]+)\]\(pictures/{name}\.png\)", text)
    assert len(alternative) > 60
    assert 1_000 < (CHAPTER / "pictures" / f"{name}.png").stat().st_size < 40_000
    assert re.search(rf"`tlstudio train [^`]*--strategy\s{name}\b", text)
    assert f"]({name}.md)" in (CHAPTER / "index.md").read_text(encoding="utf-8")


def test_the_script_draws_these_pictures():
    script = (ROOT / "packaging" / "diagrams.py").read_text(encoding="utf-8")
    drawn = re.findall(r"^def (\w+)\(canvas: Canvas\) -> None", script, re.MULTILINE)
    names = sorted(spec.id for spec in STRATEGIES)
    assert sorted(name.replace("_", "-") for name in drawn) == names
    assert sorted(file.stem for file in (CHAPTER / "pictures").iterdir()) == names


def test_the_installed_app_has_the_chapter_and_no_link_leaves_it():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    assert build["targets"]["wheel"]["force-include"]["docs/transfer"] == "tlstudio/resources/transfer"
    for page in CHAPTER.glob("*.md"):
        links = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
        assert [link for link in links if ".." in link or not (CHAPTER / link).is_file()] == [], page
