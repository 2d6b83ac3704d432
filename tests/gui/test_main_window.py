import os
from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QDialogButtonBox,
    QMessageBox,
    QScrollArea,
    QWidget,
)

from tlstudio.core.events import JobFailed
from tlstudio.core.files import settings_dir
from tlstudio.gui.dialogs.help_dialog import ShortcutsDialog
from tlstudio.gui.dialogs.settings_dialog import FEATURES_LIMIT_BYTES, SettingsDialog
from tlstudio.gui.main_window import MainWindow
from tlstudio.gui.settings import Settings, read_settings
from tlstudio.gui.steps import STEPS
from tlstudio.gui.theme import theme

LONG = 20_000


def failure(what: str) -> JobFailed:
    return JobFailed(run_id="x", what=what, work="Nothing was lost.", mend="Do this.")


@pytest.fixture
def slow_epochs(monkeypatch):
    monkeypatch.setenv("TLSTUDIO_FAKE_EPOCH_SECONDS", "0.5")


@pytest.fixture
def training(slow_epochs, window, app_state, photos, qtbot):
    """An app state in the middle of a slow training, its window shown."""
    with qtbot.waitSignal(app_state.images_changed, timeout=LONG):
        app_state.open_images(photos(), name="Insects")
    app_state.update_recipe({"epochs": 30})
    app_state.train()
    run = app_state.training_run
    qtbot.waitUntil(run.last_checkpoint.exists, timeout=LONG)
    return app_state


def test_starts_at_home_with_five_numbered_steps(window, robot):
    assert robot.page == "home"
    assert [robot.step(page) for page in ("data", "model", "train", "evaluate", "use")] == [
        f"Step {number}: {name}"
        for number, name in enumerate(("Data", "Model", "Train", "Evaluate", "Use"), 1)
    ]
    assert robot.footer == "Ready"
    assert not window.header.saved.isVisible()  # nothing is open, so nothing is saved


def test_the_steps_lie_close_together_at_the_top(window):
    buttons = [window.sidebar.button(step.page) for step in STEPS]
    assert all(button.height() + 20 > below.y() - button.y() for button, below in pairwise(buttons))
    assert buttons[0].y() < 20


def test_every_page_is_reached_by_key_and_by_mouse(robot):
    for key, page in zip("12345", ("data", "model", "train", "evaluate", "use"), strict=True):
        robot.press(Qt.Key(ord(key)), ctrl=True)
        assert robot.page == page
    robot.press(Qt.Key.Key_0, ctrl=True)
    assert robot.page == "home"
    robot.choose_step("evaluate")
    assert robot.page == "evaluate"
    robot.choose_step("evaluate")  # pressing it again must not unmark it
    assert robot.window.sidebar.button("evaluate").isChecked()


def test_pages_are_built_when_first_shown_or_while_idle(window, qtbot):
    assert list(window._pages) == ["home"]
    window.build_ahead()
    qtbot.waitUntil(lambda: len(window._pages) == 6)
    qtbot.waitUntil(lambda: not window._build_timer.isActive())
    assert window.sidebar.button("use").summary == "a short line"


def test_the_sidebar_shows_the_summaries_of_the_pages(window, app_state, qtbot, monkeypatch):
    page = window.page("evaluate")
    monkeypatch.setattr(page, "summary", lambda: "94.7 % of 48")
    app_state.background.submit("figures", lambda: None)
    qtbot.waitUntil(lambda: window.sidebar.button("evaluate").summary == "94.7 % of 48")


def test_the_sidebar_follows_a_summary_that_changes(window, qtbot, monkeypatch):
    page = window.page("train")
    qtbot.waitUntil(lambda: window.sidebar.button("train").summary == "a short line")
    monkeypatch.setattr(page, "summary", lambda: "Run 1 · setting 2 of 10")
    page.summary_changed.emit()
    qtbot.waitUntil(lambda: window.sidebar.button("train").summary == "Run 1 · setting 2 of 10")


def test_a_dropped_folder_becomes_a_project(window, robot, app_state, photos, qtbot):
    with qtbot.waitSignal(app_state.images_changed, timeout=LONG):
        robot.drop(photos(name="Wild flowers"))
    assert robot.page == "data"
    assert window.header.project.text() == "Wild flowers"
    assert window.header.saved.isVisible()
    assert "Wild flowers" in window.windowTitle()
    qtbot.waitUntil(lambda: "done" in robot.step("data"))


def test_another_project_opens_at_the_top(opened, qtbot, tmp_path):
    app_state = opened
    window = MainWindow(app_state, settings=Settings())
    qtbot.addWidget(window, before_close_func=MainWindow.close_at_once)
    window.resize(760, 440)
    window.show()
    window.show_page("model")
    bars = [area.verticalScrollBar() for area in window.page("model").findChildren(QAbstractScrollArea)]
    qtbot.waitUntil(lambda: any(bar.maximum() > 0 for bar in bars))
    for bar in bars:
        bar.setValue(bar.maximum())
    app_state.project_changed.emit()
    assert [bar.value() for bar in bars] == [0] * len(bars)


def test_several_things_dropped_at_once_are_explained(robot, tmp_path):
    robot.drop(tmp_path / "a", tmp_path / "b")
    assert "2 things" in robot.message
    assert "the one folder" in robot.message


def test_a_dropped_model_is_opened_on_the_use_page(robot, tmp_path):
    model = tmp_path / "flowers.onnx"
    model.touch()
    robot.drop(model)
    assert robot.page == "use"


def test_a_failure_is_shown_until_it_is_dismissed(robot, app_state):
    app_state.failed.emit(failure("The disk is full."))
    assert robot.message == "The disk is full. Nothing was lost. Do this."
    app_state.failed.emit(failure("Another one."))
    assert robot.message.startswith("Another one.")
    robot.dismiss_message()
    assert robot.message.startswith("The disk is full.")  # the older one was not lost
    robot.press(Qt.Key.Key_Escape)
    assert robot.message == ""


def test_a_dead_engine_is_reported_in_the_banner(robot, app_state, qtbot):
    with qtbot.waitSignal(app_state.failed, timeout=LONG):
        app_state.submit("sample", sample="crash")
    assert "Nothing was lost" in robot.message
    with qtbot.waitSignal(
        app_state.submit("search-backbones", text="resnet").succeeded, timeout=LONG
    ) as found:
        pass
    assert found.args[0]["ids"] == ["resnet34", "resnet101"]


def test_short_work_shows_nothing_and_long_work_can_be_cancelled(robot, app_state, qtbot):
    # The engine itself takes a while to start; that is not the work measured here.
    with qtbot.waitSignal(app_state.submit("search-backbones", text="x").ended, timeout=LONG):
        pass
    with qtbot.waitSignal(app_state.submit("wait", seconds=0.1).ended, timeout=LONG):
        assert robot.footer == "Ready"
    qtbot.wait(550)
    assert robot.footer == "Ready"
    job = app_state.submit("wait", seconds=30)
    qtbot.waitUntil(lambda: robot.footer.startswith("Waiting") and "s left" in robot.footer, timeout=LONG)
    with qtbot.waitSignal(job.cancelled, timeout=LONG):
        robot.cancel_job()
    assert robot.footer == "Ready"


def test_runs_are_listed_newest_first_and_can_be_chosen(window, robot, opened, qtbot):
    for _ in range(2):
        opened.train()
        qtbot.waitUntil(lambda: opened.training is None, timeout=LONG)
    qtbot.waitUntil(lambda: len(robot.runs) == 2 and "%" in robot.runs[0])
    assert [text.split("   ")[0] for text in robot.runs] == ["Run 2", "Run 1"]
    assert window.header.run.text() == "Run 2 ▾"
    robot.choose_run("Run 1")
    assert opened.run.path.name == "run-1"
    assert window.header.run.text() == "Run 1 ▾"


def test_done_steps_have_a_check_mark(robot, opened, qtbot):
    qtbot.waitUntil(lambda: "done" in robot.step("data"))
    assert "done" not in robot.step("train")
    opened.train()
    qtbot.waitUntil(lambda: "done" in robot.step("train"), timeout=LONG)
    assert "done" not in robot.step("evaluate")
    robot.choose_step("evaluate")
    robot.choose_step("use")
    qtbot.waitUntil(lambda: "done" in robot.step("evaluate"))


def test_closing_while_training_asks_and_can_keep_training(training, robot, window):
    question = robot.close_and_answer("Keep training")
    assert "can be resumed" in question
    assert window.isVisible()
    assert training.training is not None


def test_closing_while_training_can_leave_a_run_to_resume(training, robot, window):
    run = training.training_run
    robot.close_and_answer("Close")
    assert not window.isVisible()
    training.close()
    assert run.last_checkpoint.exists()
    assert not run.finished


def test_closing_while_training_can_stop_and_keep_the_best(training, robot, window, qtbot):
    run = training.training_run
    robot.close_and_answer("Stop and keep it")
    assert window.isVisible()  # until the run is finished
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=LONG)
    assert run.finished


def test_closing_without_training_does_not_ask(robot, window):
    assert robot.close_and_answer("Close") == ""
    assert not window.isVisible()


def test_geometry_is_remembered(window, app_state, stub_pages, qtbot):
    window.resize(780, 700)
    window.close()
    again = MainWindow(app_state, settings=Settings())
    qtbot.addWidget(again)
    assert (again.width(), again.height()) == (780, 700)
    (settings_dir() / "window.json").write_text("not json", encoding="utf-8")
    damaged = MainWindow(app_state, settings=Settings())
    qtbot.addWidget(damaged)
    assert damaged.width() <= 1440


def test_settings_take_effect_at_once_and_are_saved(window, opened, qtbot):
    window.show_settings()
    dialog = window.findChild(SettingsDialog)
    dialog.appearance.setCurrentText("Dark")
    assert theme().is_dark
    dialog.threads.setValue(1)
    assert window.header.device.text() == "CPU · 1 thread"
    dialog.close()
    assert read_settings() == Settings(appearance="dark", threads=1)
    opened.train()
    assert opened.training.request.arguments["recipe"]["threads"] == 1
    qtbot.waitUntil(lambda: opened.training is None, timeout=LONG)


def test_the_runtime_is_chosen_among_those_there_and_reaches_the_engine(window, qtbot, monkeypatch):
    monkeypatch.delenv("TLSTUDIO_RUNTIME", raising=False)
    asked = []
    submit = window.app_state.engine.submit
    monkeypatch.setattr(
        window.app_state.engine,
        "submit",
        lambda name, **arguments: (asked.append((name, arguments)), submit(name, **arguments))[1],
    )
    window.show_settings()
    dialog = window.findChild(SettingsDialog)
    assert dialog.runtime.currentText().startswith("Automatic")
    qtbot.waitUntil(lambda: dialog.runtime.count() == 3)
    assert dialog.findChild(QScrollArea).verticalScrollBar().maximum() == 0
    assert dialog.findChild(QDialogButtonBox).buttons()[0].icon().isNull()
    dialog.runtime.setCurrentText("ONNX Runtime")
    assert read_settings().runtime == "onnx-runtime"
    assert os.environ["TLSTUDIO_RUNTIME"] == "onnx-runtime"  # for an engine that is started anew
    assert ("use-runtime", {"runtime": "onnx-runtime"}) in asked
    dialog.runtime.setCurrentIndex(0)
    assert os.environ["TLSTUDIO_RUNTIME"] == "auto"
    dialog.close()


def test_a_runtime_that_is_no_longer_installed_is_shown_as_such(app_state, qtbot):
    dialog = SettingsDialog(
        Settings(runtime="openvino-f32"), background=app_state.background, engine=app_state.engine
    )
    qtbot.addWidget(dialog)
    assert dialog.runtime.currentText() == "OpenVINO"
    qtbot.waitUntil(lambda: "not on this computer" in dialog.runtime.currentText())


def test_the_cache_is_not_cleared_while_the_engine_works(window, fresh_cache, qtbot):
    (fresh_cache / "features").mkdir(parents=True)
    (fresh_cache / "features" / "one").write_bytes(b"x" * 2000)
    window.show_settings()
    dialog = window.findChild(SettingsDialog)
    qtbot.waitUntil(dialog.clear_cache.isEnabled)
    window.app_state.engine.submit("wait", seconds=0.3)
    qtbot.waitUntil(lambda: not dialog.clear_cache.isEnabled())
    qtbot.waitUntil(dialog.clear_cache.isEnabled)
    dialog.close()


def test_the_cache_limit_shown_is_that_of_the_engine():
    from tlstudio.features.store import DEFAULT_LIMIT_BYTES

    assert FEATURES_LIMIT_BYTES == DEFAULT_LIMIT_BYTES


def test_the_cache_is_measured_and_cleared(window, fresh_cache, qtbot, monkeypatch):
    (fresh_cache / "features").mkdir(parents=True)
    (fresh_cache / "features" / "one").write_bytes(b"x" * 2_000_000)
    monkeypatch.setattr(QMessageBox, "question", lambda *_args, **_kwargs: QMessageBox.StandardButton.Yes)
    window.show_settings()
    dialog = window.findChild(SettingsDialog)
    qtbot.waitUntil(dialog.clear_cache.isEnabled)
    assert dialog.cache.text().startswith("2.0 MB in ")

    def right(widget: QWidget) -> int:
        return widget.mapTo(dialog, widget.rect().topRight()).x()

    # The path has all the room there is, not that of the words before it.
    qtbot.waitUntil(lambda: abs(right(dialog.clear_cache) - right(dialog.runtime)) <= 1)
    dialog.clear_cache.click()
    qtbot.waitUntil(lambda: not any(fresh_cache.iterdir()))
    qtbot.waitUntil(lambda: dialog.cache.text().startswith("0.0 kB"))
    assert not dialog.clear_cache.isEnabled()
    dialog.close()


def test_nothing_is_cut_at_1280_by_720_in_larger_text(window, qapp, qtbot):
    theme().apply(qapp, "dark", text_scale=1.3)
    window.resize(1280, 720)
    qtbot.wait(20)
    assert window.minimumSizeHint().width() <= 1280
    assert window.minimumSizeHint().height() <= 720
    for chip in (window.header.device, window.header.offline, window.header.help):
        assert chip.width() >= chip.minimumSizeHint().width()


def test_every_control_has_a_name_and_a_tip(window):
    for button in window.findChildren(QAbstractButton):
        if button.isVisibleTo(window):
            assert button.accessibleName() or button.text(), button
            assert button.toolTip(), button.text()


@pytest.mark.parametrize("page", ["data", "model", "train", "evaluate", "use"])
def test_ctrl_z_undoes_on_every_page_and_says_what(robot, app_state, photos, qtbot, page):
    with qtbot.waitSignal(app_state.images_changed, timeout=LONG):
        app_state.open_images(photos(per_class=2), name="Insects")
    path = app_state.images()[0].path
    app_state.edits.set_label([path], class_name="wasps")
    robot.choose_step(page)
    robot.press(Qt.Key.Key_Z, ctrl=True)
    assert app_state.image(path).label() == "ants"
    assert "Undone: 1 image labelled wasps (photo-000.jpg)." in robot.footer


def test_enter_presses_the_focused_step(robot, window):
    window.sidebar.button("train").setFocus()
    robot.press(Qt.Key.Key_Return)
    assert robot.page == "train"


@pytest.mark.parametrize("dialog", [ShortcutsDialog, SettingsDialog])
def test_enter_presses_the_focused_button_of_a_dialog(window, qtbot, dialog):
    (window.actions_.shortcuts if dialog is ShortcutsDialog else window.actions_.settings).trigger()
    box = window.findChild(dialog)
    qtbot.waitUntil(box.isActiveWindow)
    buttons = [button for button in box.findChildren(QAbstractButton) if button.isVisible()]
    buttons = [button for button in buttons if button.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert buttons
    for button in buttons:
        pressed: list[bool] = []
        button.clicked.disconnect()  # what it does is another test's matter
        button.clicked.connect(lambda _=False, pressed=pressed: pressed.append(True))
        button.setEnabled(True)
        button.setFocus()
        qtbot.keyClick(button, Qt.Key.Key_Return)
        assert pressed == [True], button.text()
    box.close()
