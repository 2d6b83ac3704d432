"""A strategy that the page knows only by its spec: its menu entry, form and drop zone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

import tlstudio.specs.strategies
from tests.gui.robots.model import ModelRobot
from tlstudio.gui.dialogs.ways_dialog import WaysDialog
from tlstudio.gui.pages.model.page import ModelPage
from tlstudio.gui.pages.model.strategy import StrategyNeedsCard
from tlstudio.gui.pages.model.text import FEW_CLASSES, FEW_NAMED
from tlstudio.specs import STRATEGIES
from tlstudio.specs.recipe import Recipe

TOY = """
from typing import Literal
from pydantic import BaseModel, ConfigDict, Field
from tlstudio.specs.spec import InputSpec, StrategySpec

class Options(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    method: Literal["let-it-choose", "mean-and-spread"] = Field("let-it-choose", title="Method")
    strength: float = Field(0.5, title="Strength", ge=0, le=1, description="1 trusts the other place most")

SPEC = StrategySpec(
    id="toy-adapt", title="Other place or camera", summary="Looks at unlabelled photos from there.",
    short="adapting", report="Adapted.", trains_stages=False, options=Options,
    inputs=(InputSpec(id="unlabelled", title="Photos from there", help="Where it will be used.",
                      kind="folder", flag="--unlabelled"),),
)
"""


@pytest.fixture
def toy_strategy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A strategy with two options and a second folder, added to the registry for one test."""
    folder = tmp_path / "specs"
    folder.mkdir()
    (folder / "toy_adapt.py").write_text(TOY, encoding="utf-8")
    package = tlstudio.specs.strategies
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    STRATEGIES.refresh()
    yield "toy-adapt"
    monkeypatch.undo()
    STRATEGIES.refresh()
    del sys.modules["tlstudio.specs.strategies.toy_adapt"]


@pytest.fixture
def robot(toy_strategy, fresh_cache, opened, qtbot) -> ModelRobot:
    return ModelRobot(ModelPage(opened), qtbot).show()


@pytest.fixture
def elsewhere(photos) -> Path:
    return photos(name="greenhouse")


def test_its_form_and_drop_zone_appear_only_while_it_is_chosen(robot):
    assert not robot.page.needs.isVisible()
    robot.choose_strategy("toy-adapt")
    assert robot.page.needs.isVisible()
    assert robot.page.needs.title == "Other place or camera"
    assert robot.page.strategy.summary.text() == "Looks at unlabelled photos from there."
    assert list(robot.page.needs.options.fields) == ["method", "strength"]
    assert list(robot.page.needs.inputs) == ["unlabelled"]
    robot.choose_strategy("linear-probe")
    assert not robot.page.needs.isVisible()
    robot.page.strategy.explained.click()
    chapter = robot.page.findChild(WaysDialog)
    assert chapter.text.source().fileName() == "linear-probe.md"
    chapter.close()


def test_a_missing_folder_is_said_and_training_waits_for_it(robot, elsewhere):
    robot.choose_strategy("toy-adapt")
    assert not robot.page.train_button.isEnabled()
    assert robot.page.reason.text() == "Photos from there: choose a folder."
    robot.drop_folder("unlabelled", elsewhere)
    assert robot.page.train_button.isEnabled()
    assert robot.recipe("inputs") == {"unlabelled": str(elsewhere)}


def test_options_land_in_the_recipe_and_come_back(robot, opened, qtbot):
    robot.choose_strategy("toy-adapt")
    robot.press_key_in_option("method", Qt.Key.Key_Down)
    robot.type_option("strength", "0.75")
    assert robot.recipe("strategy_options") == {"method": "mean-and-spread", "strength": 0.75}
    again = ModelRobot(ModelPage(opened), qtbot).show()
    assert again.page.needs.options.values() == {"method": "mean-and-spread", "strength": 0.75}


def test_options_stay_with_their_strategy(robot, elsewhere):
    robot.choose_strategy("toy-adapt")
    robot.drop_folder("unlabelled", elsewhere)
    robot.type_option("strength", "0.25")
    robot.choose_strategy("linear-probe")
    assert (robot.recipe("strategy_options"), robot.recipe("inputs")) == ({}, {})
    robot.choose_strategy("toy-adapt")
    assert robot.recipe("strategy_options") == {"method": "let-it-choose", "strength": 0.25}
    assert robot.recipe("inputs") == {"unlabelled": str(elsewhere)}


def test_a_folder_that_vanishes_is_said(robot, opened, tmp_path):
    robot.choose_strategy("toy-adapt")
    opened.update_recipe({"inputs": {"unlabelled": str(tmp_path / "gone")}})
    assert "not there any more" in robot.page.reason.text()
    assert not robot.page.train_button.isEnabled()


def test_a_number_that_is_still_being_typed_counts_when_training_starts_by_key(robot, elsewhere, opened):
    robot.choose_strategy("toy-adapt")
    robot.drop_folder("unlabelled", elsewhere)
    robot.type_option("strength", "0.9", finish=False)
    robot.page.train_button.click()
    assert opened.training is not None
    assert robot.recipe("strategy_options")["strength"] == 0.9


def test_the_card_fits_the_column(robot):
    robot.choose_strategy("toy-adapt")
    robot.page.resize(1096, 642)
    needs = robot.page.needs
    for widget in (needs.inputs["unlabelled"], needs.options, needs.inputs["unlabelled"].control.choose):
        corner = widget.mapTo(needs, widget.rect().topRight())
        assert corner.x() <= needs.width()


def test_a_column_that_is_not_there_is_said_under_the_field_and_training_waits(robot, opened, qtbot):
    spec = next(spec for spec in STRATEGIES if any(wanted.kind == "column" for wanted in spec.inputs))
    robot.choose_strategy(spec.id)
    (field,) = robot.page.needs.inputs.values()
    qtbot.waitUntil(lambda: field.control._problem_of is not None)
    field.control.setFocus()
    qtbot.keyClicks(field.control.lineEdit(), "nosuchcolumn")
    qtbot.waitUntil(field.problem_text.isVisible)
    assert "“nosuchcolumn” is no column" in field.problem_text.text()
    assert robot.page.reason.text().startswith(f"{field.spec.title}: “nosuchcolumn”")
    assert not robot.page.train_button.isEnabled()


def test_the_columns_of_the_table_are_offered_for_what_to_ignore(opened, qtbot):
    root = opened.project.images_root
    rows = [f"{image.path},{index % 2}" for index, image in enumerate(opened.images())]
    (root / "table.csv").write_text("\n".join(["image,camera", *rows]))
    card = StrategyNeedsCard(opened)
    qtbot.addWidget(card)
    spec = next(spec for spec in STRATEGIES if any(wanted.kind == "column" for wanted in spec.inputs))
    card.show_recipe(Recipe.model_validate(opened.recipe()), spec)
    (field,) = card.inputs.values()
    qtbot.waitUntil(lambda: field.control.findData("camera") >= 0)
    assert field.control.findData("") < 0, "it cannot be nothing"
    field.control.setCurrentIndex(field.control.findData("camera"))
    with qtbot.waitSignal(card.changed) as emitted:
        field.control.activated.emit(field.control.currentIndex())
    assert emitted.args == [{"inputs": {field.spec.id: "camera"}}]


def test_named_classes_stand_in_for_labels(opened, qtbot):
    spec = next(spec for spec in STRATEGIES if any(wanted.kind == "classes" for wanted in spec.inputs))
    (wanted,) = spec.inputs
    card = StrategyNeedsCard(opened)
    qtbot.addWidget(card)
    assert (card.count_classes([]), card.count_classes(["a"]), card.few_classes) == (0, 1, FEW_CLASSES)
    card.show_recipe(Recipe(strategy=spec.id, inputs={wanted.id: "ant: small\nbee"}), spec)
    assert (card.count_classes([]), card.few_classes) == (2, FEW_NAMED)
    assert (card.count_classes(["Bee"]), card.count_classes(["wasp"])) == (2, 3)
    card.show_recipe(Recipe(strategy=spec.id, inputs={wanted.id: "ant, ant"}), spec)
    assert card.count_classes([]) == 0
    assert "given twice" in card.problem
