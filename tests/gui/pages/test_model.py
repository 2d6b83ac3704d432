"""The Model page, driven as a person drives it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from tests.gui.robots.model import ModelRobot
from tlstudio.gui.pages.model.page import ModelPage
from tlstudio.models.catalogue import backbone_info


@pytest.fixture
def robot(fresh_cache, opened, qtbot) -> ModelRobot:
    return ModelRobot(ModelPage(opened), qtbot).show()


def stage_names(backbone_id: str) -> list[str]:
    return [stage.name for stage in backbone_info(backbone_id).stages]


def test_starts_with_the_embedded_backbone_and_only_the_head(robot):
    page = robot.page
    assert page.backbones.cards["efficientnet_lite0"].isChecked()
    assert page.freezing.head_only.isChecked()
    assert page.strategy.buttons["linear-probe"].isChecked()
    assert page.freezing.stack.first_trainable() is None
    assert page.summary() == "EfficientNet-Lite0"
    assert page.train_button.isEnabled()


def test_dragging_the_line_down_switches_to_fine_tuning_and_says_so(robot):
    robot.drag_line_to("blocks.4")
    assert robot.recipe("freeze") == "blocks.4"
    assert robot.recipe("strategy") == "fine-tune"
    assert robot.page.freezing.stack.first_trainable() == "blocks.4"
    assert robot.page.strategy.buttons["fine-tune"].isChecked()
    assert "fine-tuning" in robot.page.freezing.note.text()
    assert robot.page.freezing.top_stages.isChecked()


def test_the_line_moves_by_keyboard(robot):
    names = stage_names("efficientnet_lite0")
    robot.line_key(Qt.Key.Key_Down)
    assert robot.recipe("freeze") == names[-1]
    robot.line_key(Qt.Key.Key_Down)
    assert robot.recipe("freeze") == names[-2]
    robot.line_key(Qt.Key.Key_Up)
    assert robot.recipe("freeze") == names[-1]
    robot.line_key(Qt.Key.Key_End)
    assert robot.recipe("freeze") == "none"
    robot.line_key(Qt.Key.Key_Home)
    assert robot.recipe("freeze") == "head"
    assert robot.recipe("strategy") == "linear-probe"


def test_a_click_on_a_stage_freezes_or_frees_it(robot):
    robot.click_stage("blocks.5")
    assert robot.recipe("freeze") == "blocks.5"
    robot.click_stage("blocks.6")
    assert robot.recipe("freeze") == "conv_head"


def test_presets_set_line_and_strategy(robot):
    page = robot.page
    robot.press_preset(page.freezing.top_stages)
    assert (robot.recipe("freeze"), robot.recipe("strategy")) == ("blocks.4", "fine-tune")
    robot.press_preset(page.freezing.everything)
    assert (robot.recipe("freeze"), robot.recipe("strategy")) == ("none", "fine-tune")
    robot.press_preset(page.freezing.head_only)
    assert (robot.recipe("freeze"), robot.recipe("strategy")) == ("head", "linear-probe")


def test_the_strategy_moves_the_line(robot):
    robot.choose_strategy("fine-tune")
    assert robot.recipe("freeze") == "blocks.4"
    assert "moved down" in robot.page.freezing.note.text()
    robot.choose_strategy("linear-probe")
    assert robot.recipe("freeze") == "head"


def test_another_backbone_brings_its_own_stages_and_line(robot):
    robot.press_preset(robot.page.freezing.top_stages)
    robot.choose("vit_small_patch16_224")
    names = [stage.name for stage in robot.page.freezing.stack.stages()]
    assert names == stage_names("vit_small_patch16_224")
    assert robot.recipe("freeze") in names
    assert robot.recipe("backbone", "id") == "vit_small_patch16_224"
    assert robot.page.freezing.top_stages.isChecked()


def test_a_backbone_without_weights_must_be_downloaded_first(robot, opened, qtbot):
    robot.choose("resnet18")
    page = robot.page
    assert not page.train_button.isEnabled()
    assert "download it" in page.reason.text()
    card = page.backbones.cards["resnet18"]
    assert card.download.isVisible()
    with qtbot.waitSignal(page.backbones.state_changed, timeout=10_000):
        robot.press_download("resnet18")
        assert card.bar.isVisible()
        assert card.cancel.isVisible()
    assert not card.bar.isVisible()


def test_a_finished_download_is_ready_offline(robot, qtbot):
    from tlstudio.models.catalogue import cached_weights

    robot.choose("resnet18")
    file = cached_weights(backbone_info("resnet18"))
    file.parent.mkdir(parents=True)
    file.write_bytes(b"weights")
    with qtbot.waitSignal(robot.page.backbones.state_changed, timeout=10_000):
        robot.press_download("resnet18")
    assert robot.page.backbones.cards["resnet18"].chip.text() == "ready offline"
    assert robot.page.train_button.isEnabled()


def test_a_download_can_be_cancelled(robot, qtbot):
    # The engine works jobs off in order: behind the waiting one, the download is cancelled before it starts.
    robot.page._app_state.submit("wait", seconds=0.3)
    robot.choose("resnet18")
    with qtbot.waitSignal(robot.page.backbones.state_changed, timeout=10_000):
        robot.press_download("resnet18")
        robot.page.backbones.cards["resnet18"].cancel.click()
    assert robot.page.backbones.download_job is None
    assert robot.page.backbones.cards["resnet18"].chip.text().startswith("download ")


def test_a_missing_extra_is_named_with_its_pip_line(fresh_cache, opened, qtbot, monkeypatch):
    monkeypatch.setattr("tlstudio.models.catalogue.package_weights", lambda info: None)
    robot = ModelRobot(ModelPage(opened), qtbot).show()
    robot.choose("efficientnet_lite1")
    card = robot.page.backbones.cards["efficientnet_lite1"]
    assert card.chip.text() == "extra package"
    assert "pip install" in card.detail.text()
    assert card.detail.isVisible()
    assert not card.download.isVisible()
    assert not robot.page.train_button.isEnabled()


def test_filters_by_words_tags_and_readiness(robot, qtbot):
    panel = robot.page.backbones
    panel.search.setText("vision transformer")
    qtbot.waitUntil(lambda: robot.shown_backbones() == ["vit_small_patch16_224"])
    assert panel.hub_button.isVisible()
    panel.search.clear()
    qtbot.waitUntil(lambda: len(robot.shown_backbones()) > 5)
    panel.ready.setChecked(True)
    assert "resnet18" not in robot.shown_backbones()
    assert "efficientnet_lite0" in robot.shown_backbones()
    next(chip for chip in panel.tags if chip.text() == "classic").setChecked(True)
    assert robot.shown_backbones() == []
    assert panel.found_words.isVisible()


def test_any_other_timm_name_can_be_found_and_chosen(robot, qtbot):
    panel = robot.page.backbones
    panel.search.setText("resnet34")
    panel.search.returnPressed.emit()
    qtbot.waitUntil(lambda: "resnet34" in panel.cards, timeout=10_000)
    robot.choose("resnet34")
    qtbot.waitUntil(lambda: len(robot.page.freezing.stack.stages()) == 4, timeout=10_000)
    assert robot.recipe("backbone", "id") == "resnet34"
    assert robot.page.train_button.isEnabled()


def test_all_settings_reach_the_recipe_and_come_back(robot, opened, qtbot):
    page = robot.page
    robot.choose_strategy("fine-tune")
    page.more.fold.click()
    page.head.kind.setCurrentIndex(1)
    page.head.units.setValue(64)
    page.head.dropout.setValue(0.35)
    page.more.epochs.setValue(7)
    page.more.patience.setValue(3)
    page.more.rate_head.setValue(0.002)
    page.more.rate_stages.setValue(0.0002)
    page.more.smoothing.setValue(0.05)
    page.more.weighting.setChecked(True)
    page.more.flip_vertical.setChecked(True)
    page.more.meaning.setChecked(True)
    page.more.crop.setValue(30)
    page.more.rotation.setValue(10)
    page.more.colour.setValue(25)
    page.more.fit.setCurrentIndex(1)
    page.more.seed.setValue(42)
    from tlstudio.specs.recipe import build_recipe

    recipe = build_recipe(opened.recipe())
    head = recipe.head
    assert (head.kind, head.hidden_units, head.dropout) == ("hidden", 64, 0.35)
    assert (recipe.epochs, recipe.patience, recipe.fit, recipe.seed) == (7, 3, "pad", 42)
    optimiser = recipe.optimiser
    assert (optimiser.learning_rate_head, optimiser.learning_rate_stages) == (0.002, 0.0002)
    assert (optimiser.label_smoothing, optimiser.class_weighting) == (0.05, True)
    assert not recipe.augmentation.flips_vertically
    assert recipe.augmentation.flip_vertical
    assert (recipe.augmentation.crop, recipe.augmentation.rotation_degrees) == (0.3, 10.0)
    assert recipe.augmentation.colour == 0.25
    assert not page.more.flip.isEnabled()
    again = ModelRobot(ModelPage(opened), qtbot).show()
    assert again.page.more.rate_stages.value() == pytest.approx(0.0002)
    assert again.page.head.units.value() == 64
    assert again.page.more.fit.currentData() == "pad"
    assert again.page.strategy.buttons["fine-tune"].isChecked()


def test_settings_of_fine_tuning_are_hidden_for_the_linear_probe(robot):
    robot.page.more.fold.click()
    assert not robot.page.more.fine_tuning.isVisible()
    robot.choose_strategy("fine-tune")
    assert robot.page.more.fine_tuning.isVisible()


def test_fine_tuning_offers_to_fit_the_head_anew(robot):
    robot.choose_strategy("fine-tune")
    field = robot.page.needs.options.fields["refit_head"]
    assert field.read() is True
    field.widget.click()
    assert robot.recipe("strategy_options")["refit_head"] is False


def test_warns_of_many_weights_for_few_images(robot):
    assert robot.page.freezing.why.text().count("Why here?") == 1
    robot.choose("vgg16_bn")
    robot.press_preset(robot.page.freezing.everything)
    assert "by heart" in robot.page.freezing.why.text()


def test_training_starts_and_then_cannot_be_started_twice(robot, opened, qtbot):
    with qtbot.waitSignal(robot.page.go_to) as emitted:
        robot.train()
    assert emitted.args == ["train"]
    assert not robot.page.train_button.isEnabled()
    assert "running" in robot.page.reason.text()
    qtbot.waitUntil(lambda: opened.training is None, timeout=20_000)
    assert robot.page.train_button.isEnabled()


def test_fewer_than_two_classes_cannot_be_trained(app_state, photos, qtbot):
    with qtbot.waitSignal(app_state.images_changed, timeout=20_000):
        app_state.open_images(photos(classes=("ants",)))
    page = ModelPage(app_state)
    qtbot.addWidget(page)
    assert not page.train_button.isEnabled()
    qtbot.waitUntil(lambda: "at least two classes" in page.reason.text())


def test_while_the_images_are_read_training_waits_for_that(app_state, photos, qtbot):
    page = ModelPage(app_state)
    qtbot.addWidget(page)
    app_state.open_images(photos())
    assert page.reason.text() == "The images are still being read."
    qtbot.waitUntil(page.train_button.isEnabled)


def test_without_a_project_it_says_what_to_do(app_state, qtbot):
    page = ModelPage(app_state)
    qtbot.addWidget(page)
    page.show()
    assert page.no_project.isVisible()
    assert page.summary() == ""


def test_nothing_is_cut_at_1280(robot, qtbot):
    robot.choose("vit_small_patch16_224")
    robot.page.more.fold.click()
    robot.page.resize(1096, 642)
    qtbot.wait(20)
    page = robot.page
    assert page.minimumSizeHint().width() <= 1096
    assert page.minimumSizeHint().height() <= 642
    for area in (page.cost, page.head, page.more, page.strategy, page.choice):
        corner = area.mapTo(page, area.rect().topRight())
        assert corner.x() <= page.width() - 16
    stack = page.freezing.stack
    assert stack.row_rect(0).bottom() < stack.height()


def test_the_cost_of_the_choice_is_measured_and_follows_it(robot, qtbot):
    robot.wait_for_cost("1–2 min")
    assert robot.cost("one epoch") == "–"
    assert "12 s to look at the images once" in robot.cost_words
    robot.choose_strategy("fine-tune")
    assert robot.cost_words == "Measuring the cost…"
    assert robot.cost("whole run") == "…"  # the old figure is that of another choice
    robot.wait_for_words("15 epochs of 6 s")
    assert (robot.cost("memory"), robot.cost("on disk")) == ("180 MB", "60.0 MB")


def test_a_choice_measured_before_is_shown_at_once(robot, qtbot):
    robot.wait_for_words("to fit the head")
    robot.choose_strategy("fine-tune")
    robot.wait_for_words("epochs of")
    robot.choose_strategy("linear-probe")
    assert "to fit the head" in robot.cost_words


def test_measuring_shows_neither_in_the_footer_nor_in_a_banner(robot, opened):
    started, failed = [], []
    opened.job_started.connect(started.append)
    opened.failed.connect(failed.append)
    robot.wait_for_words("to fit the head")
    assert (started, failed) == ([], [])


def test_a_choice_that_cannot_be_measured_can_be_trained(robot, opened, qtbot):
    opened.update_recipe({"epochs": 13})  # the made-up engine refuses this number
    robot.wait_for_words("could not be measured")
    assert robot.cost("whole run") == "–"
    assert robot.page.train_button.isEnabled()


def test_estimating_gives_way_to_other_jobs_and_starts_again_later(robot, opened, qtbot):
    qtbot.waitUntil(lambda: any(job.operation == "estimate" for job in opened.engine.open_jobs()))
    opened.submit("wait", seconds=0.5)
    assert robot.page.estimator._job is None
    robot.wait_for_words("to fit the head")


def test_nothing_is_measured_during_training_or_while_the_page_is_hidden(robot, opened, qtbot):
    robot.wait_for_words("to fit the head")
    opened.train()
    assert "when the running training has ended" in robot.cost_words
    assert not robot.page.estimator._timer.isActive()
    qtbot.waitUntil(lambda: opened.training is None)
    robot.wait_for_words("to fit the head")  # anew: the cache is fuller now
    robot.page.hide()
    opened.update_recipe({"epochs": 3})
    assert not robot.page.estimator._timer.isActive()


def test_choose_for_me_is_set_by_chip_or_menu_and_reset_by_any_other_choice(robot):
    page = robot.page
    robot.press_preset(page.freezing.for_me)
    assert (robot.recipe("freeze"), robot.recipe("strategy")) == ("auto", "fine-tune")
    assert page.strategy.buttons["auto"].isChecked()
    assert "every try" in page.freezing.why.text()
    assert "found by trying" in page.freezing.stack.accessibleDescription()
    robot.choose_strategy("fine-tune")
    assert robot.recipe("freeze") == "blocks.4"
    assert not page.freezing.for_me.isChecked()
    robot.choose_strategy("auto")
    assert page.freezing.for_me.isChecked()
    robot.choose_strategy("linear-probe")
    assert robot.recipe("freeze") == "head"
    robot.choose_strategy("auto")
    robot.line_key(Qt.Key.Key_Up)
    assert robot.recipe("freeze") == "blocks.6"
    assert "found by trying" not in page.freezing.stack.accessibleDescription()


def test_choose_for_me_stays_with_another_backbone(robot):
    robot.press_preset(robot.page.freezing.for_me)
    robot.choose("vit_small_patch16_224")
    assert robot.recipe("freeze") == "auto"


def test_choose_for_me_needs_a_linear_head(robot):
    robot.press_preset(robot.page.freezing.for_me)
    robot.page.head.kind.setCurrentIndex(1)
    assert not robot.page.train_button.isEnabled()
    assert "linear head" in robot.page.reason.text()


def test_choose_for_me_says_before_how_long_its_tries_take(robot, qtbot):
    robot.press_preset(robot.page.freezing.for_me)
    robot.wait_for_words("3 tries take")
    assert robot.cost("whole run") != "–"
