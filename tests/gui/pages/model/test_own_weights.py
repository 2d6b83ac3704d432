"""Weights from a file on the Model page."""

from __future__ import annotations

import pytest

from tests.gui.robots.model import ModelRobot
from tlstudio.gui.pages.model.page import ModelPage


@pytest.fixture
def robot(fresh_cache, opened, qtbot) -> ModelRobot:
    return ModelRobot(ModelPage(opened), qtbot).show()


def test_weights_of_a_file_are_checked_before_they_are_used(robot, opened, tmp_path, qtbot):
    with qtbot.waitSignal(opened.failed, timeout=10_000) as emitted:
        robot.page._choose_file(str(tmp_path / "gone.safetensors"))
    assert "not there" in emitted.args[0].what
    assert "backbone" not in opened.recipe()
    file = tmp_path / "mine.safetensors"
    file.write_bytes(b"weights")
    with qtbot.waitSignal(opened.recipe_changed, timeout=10_000):
        robot.page._choose_file(str(file))
    assert robot.recipe("backbone", "weights_file") == str(file)
    assert "mine.safetensors" in robot.page.backbones.file_words.text()
    robot.page.backbones.published_button.click()
    assert robot.recipe("backbone", "weights_file") is None


def test_weights_of_a_file_do_not_follow_to_another_backbone(robot, opened):
    opened.update_recipe({"backbone": {"id": "efficientnet_lite0", "weights_file": "/mine.pth"}})
    robot.choose("resnet18")
    assert robot.recipe("backbone", "weights_file") is None


def test_weights_of_clip_choose_their_own_backbone_and_are_needed_for_it(robot, opened, tmp_path, qtbot):
    file = tmp_path / "clip.safetensors"
    file.write_bytes(b"weights")
    robot.page._choose_file(str(file))
    qtbot.waitUntil(
        lambda: opened.recipe().get("backbone", {}).get("weights_file") == str(file), timeout=10_000
    )
    assert robot.recipe("backbone", "id") == "clip:ViT-B-32"
    assert robot.page.train_button.isEnabled()
    card = robot.page.backbones.cards["clip:ViT-B-32"]
    assert card.isChecked()
    assert (card.chip.text(), card.download.isVisible()) == ("your file", False)
    assert not robot.page.backbones.published_button.isVisible()
    robot.page._choose_file("")
    assert "press “Weights from a file…”" in robot.page.reason.text()
    assert not robot.page.train_button.isEnabled()
