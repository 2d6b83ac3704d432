"""Runs compared in their window, driven as a person drives it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox, QPushButton

from tests.evaluation.tested_runs import make_tested_run
from tlstudio.core.events import EpochEnded
from tlstudio.gui.pages.compare.dialog import CompareDialog
from tlstudio.gui.pages.compare.difference_card import ONE_RUN
from tlstudio.gui.pages.compare.note_dialog import NoteDialog
from tlstudio.project.run_notes import RunNote
from tlstudio.project.runs import RunFolder


def make(opened, name: str, wrong: int, **rest) -> RunFolder:
    """A run of the project's own images; the first few answers are wrong."""
    classes = ["ants", "bees", "leaves"]
    answers = {}
    for number, image in enumerate(opened.images()):
        label = image.label()
        other = classes[(classes.index(label) + 1) % 3]
        answers[image.path] = (label, other if number < wrong else label)
    recipe = {"data_sha256": "a" * 64, **rest.pop("recipe", {})}
    run = make_tested_run(opened.project.runs_folder / name, answers, classes=classes, recipe=recipe, **rest)
    for epoch in range(3):
        run.append_event(
            EpochEnded(
                run_id=name,
                epoch=epoch,
                epochs=2,
                train_loss=None,
                train_accuracy=None,
                validation_loss=0.5,
                validation_accuracy=0.5 + 0.1 * epoch,
                validation_interval=None,
                validation_n=8,
                confusion=(),
                best_epoch=epoch,
                learning_rate=0.1,
                elapsed_seconds=1.0,
                seconds_left=0.0,
                images_per_second=1.0,
                memory_bytes=1,
            )
        )
    return run


@pytest.fixture
def dialog(opened, qtbot) -> CompareDialog:
    """Three finished runs: 20, 1 and 2 of 24 images wrong, the third of other labels."""
    make(opened, "run-1", 20)
    make(opened, "run-2", 1, recipe={"freeze": "blocks.5"})
    make(opened, "run-3", 2, recipe={"data_sha256": "b" * 64})
    dialog = CompareDialog(opened)
    qtbot.addWidget(dialog)
    return dialog


def opened_at(dialog: CompareDialog, name: str, qtbot) -> CompareDialog:
    dialog.open_at(str(dialog._app_state.project.runs_folder / name))
    wait_for_pair(dialog, qtbot)
    return dialog


def wait_for_pair(dialog: CompareDialog, qtbot) -> None:
    qtbot.waitUntil(lambda: dialog._compared is not None)


def texts(dialog: CompareDialog) -> list[list[str]]:
    table = dialog.runs.table
    return [table.texts(key) for key in table.row_keys()]


def click(button: QPushButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_all_runs_are_listed_with_their_figures_and_data(dialog, qtbot):
    opened_at(dialog, "run-2", qtbot)
    rows = texts(dialog)
    assert [row[0] for row in rows] == ["Run 1", "Run 2", "Run 3"]
    assert rows[1][2].startswith("95.8 %  (")
    assert rows[1][3] == "24 test"
    assert [row[4] for row in rows] == ["version 1 (24)", "version 1 (24)", "version 2 (24)"]


def test_the_selected_run_is_compared_with_the_one_before_of_the_same_data(dialog, qtbot):
    opened_at(dialog, "run-2", qtbot)
    card = dialog.difference
    assert card.title == "Run 2 against Run 1, on the same 24 test images"
    assert card.figures.text().startswith("+79.2 points, 95 % interval +5")
    assert card.verdict.text().startswith("Run 2 is better than Run 1: 19 images")
    assert (dialog.won.title, dialog.lost.title) == ("Right only in Run 2 (19)", "Right only in Run 1")
    assert dialog.lost.hint.isVisibleTo(dialog)
    assert dialog.won.grid.items()[0].caption == "ants → bees"
    assert dialog.differences.texts("0")[0] == "What learns"
    assert not dialog.curves.is_empty


def test_another_run_to_compare_with_is_chosen(dialog, qtbot):
    opened_at(dialog, "run-2", qtbot)
    combo = dialog.difference.first
    assert [combo.itemText(row) for row in range(combo.count())] == ["Run 1", "Run 3"]
    combo.setCurrentIndex(1)
    combo.activated.emit(1)
    qtbot.waitUntil(lambda: "against Run 3" in dialog.difference.title)
    assert "not shown to be better" in dialog.difference.verdict.text()
    dialog.runs.table.select_key(dialog.runs.table.row_keys()[0])
    qtbot.waitUntil(lambda: "Run 1 against Run 3" in dialog.difference.title)  # the choice stays


def test_an_image_is_shown_large_with_both_answers(dialog, qtbot):
    opened_at(dialog, "run-2", qtbot)
    dialog.won.grid.activated_key.emit(dialog.won.pairs[1].path)
    large = dialog.pair_dialog
    qtbot.waitUntil(large.isVisible)
    words = large.words.text().splitlines()
    assert words[1].startswith("Run 2 says ")
    assert words[2] == "Run 1 says bees."
    assert words[3] == "Image 2 of 19"
    QTest.keyClick(large, Qt.Key.Key_Left)
    QTest.keyClick(large, Qt.Key.Key_Left)
    assert "Image 1 of 19" in large.words.text()
    assert not large.back.isEnabled()
    QTest.keyClick(large, Qt.Key.Key_Right)
    assert "Image 2 of 19" in large.words.text()
    large.reject()


def test_runs_of_other_test_images_get_a_sentence_and_their_differences(dialog, opened, qtbot):
    names = {image.path: f"other {image.path}" for image in opened.images()}
    make(opened, "run-4", 1, contents=names, recipe={"seed": 4, "data_sha256": "c" * 64})
    opened_at(dialog, "run-4", qtbot)
    assert dialog.difference.verdict.text().startswith("Run 3 and Run 4 were tested on different images")
    assert dialog.won.hint.text() == ""
    assert "Seed" in [dialog.differences.texts(key)[0] for key in dialog.differences.row_keys()]


def test_label_columns_are_chosen(dialog, opened, qtbot):
    right = {image.path: ("ants", "ants") for image in opened.images()}
    for name, wrong in (("run-4", 3), ("run-5", 0)):
        make(opened, name, wrong, first_column="species", further={"sex": right}, recipe={"seed": 4})
    opened_at(dialog, "run-5", qtbot)
    column = dialog.difference.column
    assert column.isVisibleTo(dialog)
    assert len(dialog.won.pairs) == 3
    column.setCurrentText("sex")
    column.textActivated.emit("sex")
    assert dialog.difference.verdict.text().startswith("No difference")
    assert dialog.won.pairs == ()


def test_a_single_run_waits_for_a_second(opened, qtbot):
    make(opened, "run-1", 1)
    dialog = CompareDialog(opened)
    qtbot.addWidget(dialog)
    dialog.open_at("")
    qtbot.waitUntil(lambda: len(texts(dialog)) == 1)
    assert dialog.difference.verdict.text() == ONE_RUN
    assert not dialog.difference.first.isVisibleTo(dialog)


def test_a_run_is_named_noted_and_starred_and_its_folder_stays(dialog, opened, qtbot):
    opened_at(dialog, "run-2", qtbot)
    run = opened.project.runs_folder / "run-2"
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    click(dialog.runs.star)
    qtbot.waitUntil(lambda: texts(dialog)[1][0] == "★ Run 2")
    click(dialog.runs.note)
    asked = next(found for found in dialog.findChildren(NoteDialog))
    asked.name.setText("  the good\tone ")
    asked.text.setPlainText("with more crops")
    asked._save()
    qtbot.waitUntil(lambda: texts(dialog)[1][0] == "★ the good one")
    qtbot.waitUntil(lambda: dialog.difference.title.startswith("the good one against Run 1"))
    assert opened.project.run_notes()["run-2"] == RunNote(
        title="the good one", text="with more crops", is_starred=True
    )
    click(dialog.runs.star)
    qtbot.waitUntil(lambda: texts(dialog)[1][0] == "the good one")
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before


def shown_box(dialog: QDialog) -> QMessageBox:
    return next(box for box in dialog.findChildren(QMessageBox) if box.isVisible())


def test_a_run_goes_to_the_trash_after_a_question(dialog, opened, qtbot, monkeypatch):
    trashed = []

    def trash(path: str) -> None:
        trashed.append(path)
        Path(path).rename(opened.project.folder / "trashed")

    monkeypatch.setattr("send2trash.send2trash", trash)
    opened_at(dialog, "run-2", qtbot)
    click(dialog.runs.delete)
    box = shown_box(dialog)
    assert "Run 2" in box.text()
    assert "can be brought back" in box.informativeText()
    box.reject()
    assert trashed == []
    click(dialog.runs.delete)
    box = shown_box(dialog)
    box.buttons()[0].click() if "trash" in box.buttons()[0].text() else box.buttons()[1].click()
    qtbot.waitUntil(lambda: [row[0] for row in texts(dialog)] == ["Run 1", "Run 3"])
    assert trashed == [str(opened.project.runs_folder / "run-2")]


def test_the_run_in_training_cannot_be_deleted(dialog, opened, qtbot):
    opened.training_run = RunFolder(opened.project.runs_folder / "run-2")
    opened_at(dialog, "run-2", qtbot)
    assert not dialog.runs.delete.isEnabled()
    assert dialog.runs.star.isEnabled()
    opened.training_run = None


def test_enter_on_a_run_shows_it_on_all_pages(dialog, qtbot):
    opened_at(dialog, "run-2", qtbot)
    with qtbot.waitSignal(dialog.run_chosen) as chosen:
        QTest.keyClick(dialog.runs.table, Qt.Key.Key_Return)
    assert chosen.args[0].endswith("run-2")
    assert not dialog.isVisible()
    assert QApplication.activeModalWidget() is None
