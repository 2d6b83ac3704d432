"""The Use page, driven as a person drives it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from tests.gui.made_runs import make_run
from tests.gui.robots.use import UseRobot
from tlstudio.core.files import write_json
from tlstudio.gui.pages.use.contents import answer_lines, prediction_findings
from tlstudio.gui.pages.use.outputs_dialog import CONTINUED
from tlstudio.gui.pages.use.page import UsePage
from tlstudio.gui.widgets.basics.elided import ElidedLabel
from tlstudio.specs import EXPORTS

PATHS = {name: [f"{name}/photo-{n:03d}.jpg" for n in range(8)] for name in ("ants", "bees", "leaves")}


@pytest.fixture
def robot(opened, qtbot) -> UseRobot:
    opened.select_run(make_run(opened.project.runs_folder / "run-1", paths=PATHS))
    return UseRobot(UsePage(opened), qtbot).show().wait_until_ready()


@pytest.fixture
def save_as(monkeypatch):
    """Answers the file dialog: its proposal, or another name; keeps what was proposed."""
    proposed: list[str] = []

    def choose(_parent, _title, proposal, _filter):
        proposed.append(proposal)
        return choose.answer or proposal, ""

    choose.answer = ""
    choose.proposed = proposed
    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    return choose


@pytest.fixture
def shown_urls(monkeypatch) -> list[QUrl]:
    """Addresses that were handed to the file manager."""
    urls: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: urls.append(url) or True)
    return urls


def a_photo(app_state, number: int = 0) -> Path:
    return app_state.project.images_root / app_state.images()[number].path


def test_a_dropped_image_gets_its_probabilities(robot, opened, qtbot):
    photo = a_photo(opened)
    robot.drop(photo)
    assert "Looking at 1 image" in robot.page._try.status.text()
    robot.wait_for_predictions(1)
    assert robot.verdict == "bees  90.0 %"
    assert robot.bars == {"bees": 0.9, "ants": 0.1}
    assert list(robot.bars) == ["bees", "ants"]
    assert not robot.page._try.grid.isVisible()
    qtbot.waitUntil(lambda: not robot.page._try.picture.image.isNull(), timeout=5_000)
    qtbot.waitUntil(lambda: robot.page._try.status.text() == "", timeout=5_000)


def test_several_images_are_listed_and_the_selected_one_is_shown(robot, opened, tmp_path):
    broken = tmp_path / "notes.txt"
    broken.write_text("no image", encoding="utf-8")
    robot.drop(a_photo(opened, 0), a_photo(opened, 9), broken)
    robot.wait_for_predictions(3)
    grid = robot.page._try.grid
    assert grid.isVisible()
    assert [item.caption for item in grid.items()] == ["bees 90 %", "bees 90 %", "not read"]
    grid.setFocus()
    QTest.keyClick(grid, Qt.Key.Key_End)
    assert "This is no image" in robot.verdict
    assert not robot.page._try.bars.isVisible()


def test_images_are_chosen_with_a_dialog(robot, opened, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(a_photo(opened))], ""))
    robot.press(robot.page._try.choose)
    robot.wait_for_predictions(1)


def test_an_image_on_the_clipboard_is_pasted(robot):
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    data = QMimeData()
    data.setImageData(image)
    QApplication.clipboard().setMimeData(data)
    robot.press(robot.page._try.paste)
    robot.wait_for_predictions(1)
    assert robot.page._try.name.text() == "pasted 1.png"


def test_an_empty_clipboard_gives_a_message(robot):
    QApplication.clipboard().setText("words")
    robot.press(robot.page._try.paste)
    assert "no image on the clipboard" in robot.page._try.status.text()


def test_predictions_for_a_folder_are_written_to_a_table(robot, opened, qtbot, shown_urls):
    folder = opened.project.images_root
    (folder / "ants" / "notes.txt").write_text("no image", encoding="utf-8")
    robot.drop(folder)
    dialog = robot.outputs_dialog()
    table = folder.parent / f"{folder.name} predictions.csv"
    assert dialog.table_place.text() == str(table)
    robot.press(dialog.start)
    sort = robot.page._sort
    qtbot.waitUntil(lambda: bool(sort.results.findings), timeout=10_000)
    texts = [found.message for found in sort.results.findings]
    assert texts[0] == "24 images classified: 24 bees"
    assert any("could not be read; the reasons are in the table" in text for text in texts)
    assert table.exists()
    assert not sort.show_copies.isVisible()
    robot.press(sort.show_table)
    assert shown_urls[0].toLocalFile() == str(folder.parent)


def test_images_of_a_folder_are_copied_into_class_folders(robot, opened, qtbot, shown_urls):
    folder = opened.project.images_root
    robot.drop(folder)
    dialog = robot.outputs_dialog()
    robot.tick(dialog.wants_table)
    assert not dialog.start.isEnabled()
    robot.tick(dialog.wants_copies)
    robot.press(dialog.start)
    sort = robot.page._sort
    qtbot.waitUntil(lambda: bool(sort.results.findings), timeout=10_000)
    copies = folder.parent / f"{folder.name} by class"
    assert f"24 images were copied into {copies}, one folder per class." in [
        found.message for found in sort.results.findings
    ]
    assert list(folder.parent.glob("*.csv")) == []
    assert not sort.show_table.isVisible()
    robot.press(sort.show_copies)
    assert shown_urls[0].toLocalFile() == str(folder.parent)


def test_the_buttons_of_a_finished_folder_take_no_width(robot, opened, qtbot):
    sort = robot.page._sort
    robot.drop(opened.project.images_root)
    dialog = robot.outputs_dialog()
    robot.tick(dialog.wants_copies)
    robot.press(dialog.start)
    qtbot.waitUntil(sort.show_copies.isVisible, timeout=10_000)
    assert sort.show_table.isVisible()
    both = sort.show_table.width() + sort.show_copies.width()
    assert sort.minimumSizeHint().width() < sort.choose.width() + both
    title = sort.findChild(ElidedLabel)
    assert title.width() >= title.sizeHint().width()


def test_places_can_be_changed_and_are_proposed_again(robot, opened, qtbot, save_as, monkeypatch, tmp_path):
    (tmp_path / "results").mkdir()
    save_as.answer = str(tmp_path / "results" / "mine.csv")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "results"))
    robot.drop(opened.project.images_root)
    dialog = robot.outputs_dialog()
    robot.tick(dialog.wants_copies)
    robot.press(dialog.change_table)
    robot.press(dialog.change_copies)
    assert dialog.copies_place.text() == str(tmp_path / "results")
    robot.press(dialog.start)
    qtbot.waitUntil(lambda: bool(robot.page._sort.results.findings), timeout=10_000)
    assert (tmp_path / "results" / "mine.csv").exists()
    robot.drop(opened.project.images_root)
    again = robot.outputs_dialog()
    assert again.table.parent == tmp_path / "results"
    again.reject()


def test_an_earlier_table_is_continued_and_that_is_said(robot, opened):
    folder = opened.project.images_root
    robot.drop(folder)
    dialog = robot.outputs_dialog()
    assert CONTINUED not in dialog.about_table.text()
    dialog.reject()
    (folder.parent / f"{folder.name} predictions.csv").touch()
    robot.drop(folder)
    dialog = robot.outputs_dialog()
    assert dialog.table.name == f"{folder.name} predictions.csv"
    assert CONTINUED in dialog.about_table.text()
    dialog.reject()


def test_predicting_a_folder_can_be_cancelled(robot, opened, qtbot):
    opened.submit("wait", seconds=5.0)
    folder = opened.project.images_root
    robot.page._sort.sort_folder(str(folder))
    robot.press(robot.outputs_dialog().start)
    assert robot.page._sort.cancel.isVisible()
    assert not robot.page._sort.choose.isEnabled()
    robot.press(robot.page._sort.cancel)
    opened.engine.open_jobs()[0].command("cancel")
    qtbot.waitUntil(lambda: "Cancelled" in robot.page._sort.words.text(), timeout=10_000)
    assert not robot.page._sort.bar.isVisible()
    assert list(folder.parent.glob("*.csv")) == []


def test_every_export_format_is_offered(robot):
    table = robot.page._export.table
    assert table.row_keys() == EXPORTS.ids()
    for spec in EXPORTS:
        table.select_key(spec.id)
        assert robot.page._export.summary.text() == spec.summary
        assert robot.row(spec.id) == [spec.title, "—", "—", "not made"]
    assert all(table.isColumnHidden(column) for column in (1, 2)), "they say nothing yet"


def test_an_export_is_written_and_its_parity_shown(robot, opened, save_as, qtbot, shown_urls):
    with qtbot.waitSignal(opened.status_message, timeout=10_000) as shown:
        robot.press(robot.page._export.export)
        assert robot.row("onnx")[3] == "exporting …"
        assert not robot.page._export.export.isEnabled()
    assert shown.args[0] == "Exported Insects run-1.onnx, and read it back: 32 of 32 answers the same"
    beside_the_images = opened.project.images_root.parent
    assert Path(save_as.proposed[0]) == beside_the_images / "Insects run-1.onnx"
    qtbot.waitUntil(lambda: robot.row("onnx")[3] == "✓ checked", timeout=5_000)
    assert robot.row("onnx")[1:3] == ["1.0 kB", "32 / 32, Δ 2e-6"]
    assert not robot.page._export.table.isColumnHidden(1)
    assert robot.page._export.export.isEnabled()
    assert robot.page._export.place.text() == f"✓ It is in {save_as.proposed[0]}"
    robot.press(robot.page._export.show_file)
    assert [url.toLocalFile() for url in shown_urls] == [str(beside_the_images)]
    robot.page._export.table.select_key("portable")
    assert not robot.page._export.place.isVisible()


def test_the_place_of_the_last_export_is_proposed_again(robot, save_as, opened, tmp_path, qtbot):
    (tmp_path / "models").mkdir()
    save_as.answer = str(tmp_path / "models" / "first.onnx")
    with qtbot.waitSignal(opened.status_message, timeout=10_000):
        robot.press(robot.page._export.export)
    qtbot.waitUntil(robot.page._export.export.isEnabled, timeout=5_000)
    save_as.answer = ""
    with qtbot.waitSignal(opened.status_message, timeout=10_000):
        robot.press(robot.page._export.export)
    assert Path(save_as.proposed[1]).parent == tmp_path / "models"


def test_a_missing_suffix_is_added(robot, opened, save_as, tmp_path, qtbot):
    save_as.answer = str(tmp_path / "flowers")
    with qtbot.waitSignal(opened.status_message, timeout=10_000):
        robot.press(robot.page._export.export)
    assert (tmp_path / "flowers.onnx").exists()


def test_earlier_exports_are_listed_with_their_parity(opened, qtbot):
    run = make_run(opened.project.runs_folder / "run-1", paths=PATHS)
    opened.select_run(run)
    file = run.exports / "model.onnx"
    run.exports.mkdir()
    file.write_bytes(b"model")
    gone = {"format": "portable", "file": str(run.exports / "gone"), "bytes": 1, "parity": {}}
    parity = {"n": 48, "same_class": 47, "max_abs_difference": 3e-4}
    entry = {"format": "onnx", "file": str(file), "bytes": 13_500_000, "parity": parity, "made": "today"}
    write_json(run.exports / "exports.json", [gone, entry])
    robot = UseRobot(UsePage(opened), qtbot).show().wait_until_ready()
    assert robot.row("onnx")[1:] == ["13.5 MB", "47 / 48, Δ 3e-4", "! 1 differ"]
    assert robot.row("portable")[3] == "not made"
    assert str(file) in robot.page._export.command.text()


def test_the_command_line_shortens_the_home_folder_only_where_a_shell_lengthens_it_again(
    opened, qtbot, monkeypatch, tmp_path
):
    run = make_run(opened.project.runs_folder / "run-1", paths=PATHS)
    opened.select_run(run)
    robot = UseRobot(UsePage(opened), qtbot).show().wait_until_ready()
    panel = robot.page._export
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    for name, shown in (("model.onnx", "~/model.onnx"), ("my model.onnx", f'"{tmp_path}/my model.onnx"')):
        monkeypatch.setattr(panel, "_made", lambda _key, name=name: {"file": str(tmp_path / name)})
        panel._selected("onnx")
        assert shown in panel.command.text().replace("\\", "/")


def test_the_command_line_is_copied(robot, opened):
    robot.press(robot.page._export.copy)
    copied = QApplication.clipboard().text()
    assert copied.startswith("tlstudio predict ")
    assert copied.endswith(" photos/")
    assert str(opened.run.path) in copied


def test_a_failed_export_leaves_the_table_as_it_was(robot, opened, save_as, qtbot, monkeypatch):
    real = opened.submit
    monkeypatch.setattr(
        opened, "submit", lambda kind, **arguments: real(kind, **{**arguments, "format": "broken"})
    )
    with qtbot.waitSignal(opened.failed, timeout=10_000):
        robot.press(robot.page._export.export)
    qtbot.waitUntil(lambda: robot.row("onnx")[3] == "not made", timeout=5_000)
    assert robot.page._export.export.isEnabled()


def test_a_given_model_is_used_without_a_project(app_state, qtbot, tmp_path):
    page = UsePage(app_state)
    robot = UseRobot(page, qtbot).show()
    assert page._empty.isVisible()
    model = tmp_path / "flowers.onnx"
    model.write_bytes(b"model")
    app_state.open_path(model)
    assert page.model == str(model)
    assert page.summary() == "flowers.onnx"
    assert not page._export.export.isEnabled()
    assert "exported already" in page._export.summary.text()
    photo = tmp_path / "photo.png"
    QImage(20, 20, QImage.Format.Format_RGB32).save(str(photo))
    robot.drop(photo)
    robot.wait_for_predictions(1)
    late = UsePage(app_state)
    qtbot.addWidget(late)
    assert late.model == str(model)


def test_the_run_can_be_used_again_after_a_given_model(robot, opened, tmp_path):
    opened.use_model(tmp_path / "flowers.onnx")
    assert robot.page.model == str(tmp_path / "flowers.onnx")
    robot.press(robot.page._use_run)
    assert robot.page.model == str(opened.run.path)


def test_a_given_model_is_not_used_in_the_next_project(robot, opened, photos, tmp_path, qtbot):
    opened.use_model(tmp_path / "flowers.onnx")
    opened.open_images(photos(name="elsewhere"))
    assert robot.page.model == ""
    assert robot.page.summary() == "needs a trained run"
    qtbot.waitUntil(lambda: not opened.is_reading_folder)


def test_an_unfinished_run_cannot_be_used(opened, qtbot):
    opened.select_run(make_run(opened.project.runs_folder / "run-1", paths=PATHS, done=3, finished=False))
    page = UsePage(opened)
    UseRobot(page, qtbot).show()
    qtbot.wait(200)
    assert page.model == ""
    assert page._empty.isVisible()
    assert page._empty.accessibleName() == "Run 1 is not finished"
    assert page.summary() == "needs a trained run"


def test_the_answers_of_several_label_columns_are_all_shown(robot, opened):
    bees = {"class": "bees", "probability": 0.9, "probabilities": {"bees": 0.9, "ants": 0.1}}
    well = {"class": "well", "probability": 0.75, "probabilities": {"ill": 0.25, "well": 0.75}}
    entry = {
        "path": str(a_photo(opened)),
        **bees,
        "error": None,
        "columns": {"species": bees, "health": well},
    }
    card = robot.page._try
    card._predicted({"predictions": [entry]})
    assert robot.verdict == "species: bees  90.0 %\nhealth: well  75.0 %"
    assert card.further.bars["health"].probabilities == {"well": 0.75, "ill": 0.25}
    (first, second) = prediction_findings([entry], has_table=False)
    assert (first.message, second.message) == ("1 image classified: 1 bees", "health: 1 well")


def test_answers_that_are_not_sure_enough_are_counted_and_marked():
    sure = {"path": "a.jpg", "class": "bees", "probability": 0.9, "ask": False, "error": None}
    unsure = {**sure, "path": "b.jpg", "probability": 0.5, "ask": True}
    found = prediction_findings([sure, unsure, unsure], has_table=True)
    assert [one.message for one in found if one.severity == "warning"] == [
        "2 answers are not sure enough: ask a person. The column “ask” of the table says which."
    ]
    assert answer_lines(sure) == ["bees  90 %"]
    assert answer_lines(unsure) == ["bees  50 % · not sure enough: ask a person"]
    either = answer_lines({**unsure, "classes": ["bees", "ants"]})
    assert either == ["bees  50 % · not sure enough: ask a person, it may be bees or ants"]
    assert not [one for one in prediction_findings([sure], has_table=True) if one.severity == "warning"]
