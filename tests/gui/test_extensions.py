"""The toys of tests/extensions in the window: a form with both options, a drop zone, an export format."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QFileDialog

from tests.extensions.using import extended
from tests.gui.made_runs import make_run
from tests.gui.robots.evaluate import EvaluateRobot
from tests.gui.robots.model import ModelRobot
from tests.gui.robots.use import UseRobot
from tlstudio.core.files import write_json
from tlstudio.core.finding import Finding
from tlstudio.gui.pages.evaluate.page import EvaluatePage
from tlstudio.gui.pages.model.page import ModelPage
from tlstudio.gui.pages.use.page import UsePage
from tlstudio.gui.widgets.forms.folder_field import FolderField


@pytest.fixture
def _toys(monkeypatch):
    with extended(monkeypatch, only_specs=True):
        yield


@pytest.fixture
def robot(_toys, fresh_cache, opened, qtbot) -> ModelRobot:
    return ModelRobot(ModelPage(opened), qtbot).show()


def test_the_model_page_draws_the_form_of_the_toy_strategy(robot, tmp_path, monkeypatch, qtbot):
    page = robot.page
    assert page.needs.isHidden()
    page.strategy.buttons["toy-strategy"].click()
    assert page.needs.isVisible()
    assert set(page.needs.options.fields) == {"rounds", "mood"}
    zone = page.needs.inputs["toy-folder"].control
    assert isinstance(zone, FolderField)
    assert zone.acceptDrops()
    assert not page.train_button.isEnabled()  # the second folder is missing
    (tmp_path / "toys").mkdir()
    (tmp_path / "toys" / "a.png").touch()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "toys"))
    zone.choose.click()
    page.needs.options.fields["rounds"].widget.setValue(5)
    assert robot.recipe("strategy") == "toy-strategy"
    assert robot.recipe("inputs") == {"toy-folder": str(tmp_path / "toys")}
    assert robot.recipe("strategy_options") == {"rounds": 5, "mood": "calm"}
    qtbot.waitUntil(page.train_button.isEnabled)


@pytest.mark.usefixtures("_toys")
def test_the_evaluate_page_shows_what_the_toy_check_found(opened, qtbot):
    paths: dict[str, list[str]] = {}
    for image in opened.images():
        paths.setdefault(image.label(), []).append(image.path)
    run = make_run(opened.project.runs_folder / "run-1", paths=paths)
    metrics = run.read_json(run.metrics)
    found = Finding(check="toy-trust-check", severity="warning", message="Toy: 5 epochs were counted.")
    metrics["test"]["findings"].append(found.as_values())
    write_json(run.metrics, metrics)
    opened.select_run(run)
    robot = EvaluateRobot(EvaluatePage(opened), qtbot).show().wait_for_figures()
    assert "Toy: 5 epochs were counted." in robot.notes


@pytest.mark.usefixtures("_toys")
def test_the_use_page_offers_the_toy_format(opened, qtbot):
    robot = UseRobot(UsePage(opened), qtbot).show()
    assert robot.row("toy-format")[0].startswith("Toy file")
