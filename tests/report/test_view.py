"""How views are found and placed in the report."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tlstudio.report.views
import tlstudio.specs.views
from tlstudio.project.runs import RunFolder
from tlstudio.report.contents import gather
from tlstudio.report.html import render
from tlstudio.report.view import load_view
from tlstudio.specs import VIEWS

SPEC = """
from tlstudio.specs.spec import ViewSpec
SPEC = ViewSpec(id="toy-view", title="Toy")
"""
VIEW = """
from tlstudio.report.view import Placement

class ToyView:
    def draw(self, figure, values, *, dark):
        figure.text(0, 0, values["words"])

    def placement(self, contents):
        values = {"words": contents.name}
        return Placement(
            about="training", title="A <toy>", description="drawn", values=values, height=70, text="Toy & Co"
        )

IMPLEMENTATION = ToyView()
"""


@pytest.fixture
def toy_view(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A view that consists of two files outside the source, as an added one consists of two inside."""
    for package, text in ((tlstudio.specs.views, SPEC), (tlstudio.report.views, VIEW)):
        folder = tmp_path / package.__name__
        folder.mkdir()
        (folder / "toy_view.py").write_text(text)
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    VIEWS.refresh()
    yield "toy-view"
    for package in ("tlstudio.specs.views", "tlstudio.report.views"):
        sys.modules.pop(f"{package}.toy_view", None)
    monkeypatch.undo()
    VIEWS.refresh()


def test_unknown_views_are_refused_with_a_list() -> None:
    with pytest.raises(KeyError, match="loss-curve"):
        load_view("pie")


def test_an_added_view_appears_in_the_report_by_itself(run: RunFolder, toy_view: str) -> None:
    assert toy_view in VIEWS
    page = render(gather(run))
    assert "<h2>A &lt;toy&gt;</h2>" in page
    assert "<p>Toy &amp; Co</p>" in page
    assert 'width="460" height="70" alt="drawn"' in page


def test_results_come_before_training_in_the_order_of_the_specs(run: RunFolder) -> None:
    contents = gather(run)
    placed = [load_view(spec.id).placement(contents) for spec in VIEWS]
    about = [placement.about for placement in placed if placement is not None]
    assert about == ["results"] * 3 + ["training"] * 2, "nothing was tried, so there is no view of trials"


def test_a_run_without_scores_has_only_its_curves(run: RunFolder) -> None:
    metrics = run.read_json(run.metrics)
    run.metrics.write_text(json.dumps({**metrics, "validation": {"n": 0}, "test": {"n": 0}}))
    run.predictions.unlink()
    contents = gather(run)
    shown = [spec.id for spec in VIEWS if load_view(spec.id).placement(contents) is not None]
    assert shown == ["loss-curve", "accuracy-curve"]
