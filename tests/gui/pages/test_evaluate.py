"""The Evaluate page, driven as a person drives it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from tests.gui.made_runs import make_run
from tests.gui.robots.clicks import Clicks
from tests.gui.robots.evaluate import EvaluateRobot
from tlstudio.core.files import write_json, write_text
from tlstudio.core.percent import percent
from tlstudio.evaluation.metrics import evaluate_predictions
from tlstudio.evaluation.predictions import Predictions, read_predictions_csv, write_predictions_csv
from tlstudio.gui.pages.evaluate import contents
from tlstudio.gui.pages.evaluate.page import PDF, EvaluatePage
from tlstudio.gui.pages.evaluate.suspects_card import NOT_COMPARED, READING


class FakeJob(QObject):
    """A job that never ends."""

    succeeded = Signal(dict)


def make(app_state, name: str = "run-1", **settings):
    """A run of the project's own images, so that they can be shown and relabelled."""
    paths: dict[str, list[str]] = {}
    for image in app_state.images():
        paths.setdefault(image.label(), []).append(image.path)
    run = make_run(app_state.project.runs_folder / name, paths=paths, **{"accuracy": 0.5, **settings})
    app_state.select_run(run)
    return run


@pytest.fixture
def robot(opened, qtbot) -> EvaluateRobot:
    make(opened)
    return EvaluateRobot(EvaluatePage(opened), qtbot).show().wait_for_figures()


def shown_column(robot: EvaluateRobot):
    return robot.page.view.shown.evaluation.primary


def test_the_headline_carries_n_and_interval(robot):
    metrics = shown_column(robot).metrics
    assert robot.accuracy == f"{100 * metrics.accuracy:.1f} %"
    low, high = metrics.interval.pair
    assert robot.words == f"of 6 test images right · 95 % interval {100 * low:.0f}–{100 * high:.0f}"
    assert robot.page.summary() == f"{robot.accuracy} of 6 test"
    assert any(note.startswith("Only 6 images") for note in robot.notes)


def test_a_cell_opens_its_images_by_keyboard(robot):
    column = shown_column(robot)
    for i in range(3):
        for j in range(3):
            robot.open_cell_by_keyboard(i, j)
            expected = column.cell(i, j)
            assert len(expected) == column.metrics.confusion[i][j]
            assert robot.cell_images() == list(expected)
            caption = column.classes[i] if i == j else f"{column.classes[i]} → {column.classes[j]}"
            assert set(robot.cell_captions()) <= {caption}


def test_the_worst_cell_is_open_at_first(robot):
    confusion = shown_column(robot).metrics.confusion
    worst = max(count for i, row in enumerate(confusion) for j, count in enumerate(row) if i != j)
    assert len(robot.cell_images()) == worst
    assert robot.page.view.cell_card.heading.text().endswith(f"({worst})")


def test_most_wrong_images_come_first(robot):
    predictions = robot.page.view.wrong_card.predictions
    assert predictions
    shown = [prediction.probability for prediction in predictions]
    assert shown == sorted(shown, reverse=True)
    badges = [item.badge for item in robot.page.view.wrong_card.grid.items()]
    assert badges == [percent(probability) for probability in shown]
    assert not any(prediction.is_correct for prediction in predictions)


def test_a_double_click_shows_the_image_with_all_probabilities(robot, qtbot):
    robot.open_image(robot.page.view.wrong_card)
    dialog = robot.page.view.dialog
    assert dialog.isVisible()
    prediction = robot.page.view.wrong_card.predictions[0]
    assert dialog.name.text() == prediction.path
    assert dialog.bars.probabilities == dict(sorted(prediction.probabilities.items(), key=lambda i: -i[1]))
    assert "taken for" in dialog.verdict.text()
    qtbot.waitUntil(lambda: not dialog.picture.image.isNull(), timeout=5_000)
    if len(robot.page.view.wrong_card.predictions) > 1:
        QTest.keyClick(dialog, Qt.Key.Key_Right)
        assert dialog.name.text() == robot.page.view.wrong_card.predictions[1].path
    dialog.reject()


def test_relabelling_is_on_disk_and_says_that_a_new_run_is_needed(robot, opened, qtbot):
    card = robot.page.view.wrong_card
    path = robot.select_image(card)
    before = robot.accuracy
    QTest.mouseClick(card.relabel, Qt.MouseButton.LeftButton)
    wrong = card.predictions[0].predicted_class
    with qtbot.waitSignal(opened.status_message) as shown:
        robot.choose_class(wrong)
    assert "train again to use the new labels" in shown.args[0]
    assert opened.image(path).label() == wrong
    assert robot.accuracy == before
    assert card.hint.isHidden()
    assert card.grid.items()[0].badge == "relabelled"


def test_an_image_whose_label_was_taken_away_says_so(robot, opened):
    card = robot.page.view.wrong_card
    opened.edits.set_label([robot.select_image(card)], class_name=None)
    shown = card.grid.items()[0]
    assert shown.badge == "no label now"
    assert "taken away by you" in shown.tip


def test_validation_figures_say_what_they_are(robot):
    robot.choose_subset("validation")
    robot.wait_for_figures("validation")
    assert "check images right" in robot.words
    assert any("a little too good" in note for note in robot.notes)
    robot.choose_subset("test")
    assert "test images right" in robot.words


def test_a_run_without_test_images_shows_validation_honestly(opened, qtbot):
    make(opened, splits=("validation",))
    robot = EvaluateRobot(EvaluatePage(opened), qtbot).show().wait_for_figures("validation")
    assert not robot.page.view.headline.chips["test"].isEnabled()
    assert any("kept no test images" in note for note in robot.notes)


def test_the_table_per_class_can_be_sorted(robot):
    table = robot.page.view.per_class
    assert table.row_keys() == list(shown_column(robot).classes)
    table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert table.row_keys() == sorted(shown_column(robot).classes, reverse=True)
    assert [table.texts(key)[1].split(" of ")[1] for key in table.row_keys()] == ["2", "2", "2"]
    assert table.model().headerData(1, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)


def test_another_folder_is_evaluated_by_the_engine(robot, opened, photos, monkeypatch, qtbot):
    folder = photos(name="others", classes=("ants", "bees"), per_class=2)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    real = opened.submit
    asked = []

    def submit(operation, **arguments):
        asked.append((operation, arguments))
        return real(operation, **arguments)

    monkeypatch.setattr(opened, "submit", submit)
    robot.choose_subset("folder")
    robot.wait_for_figures("folder")
    assert asked == [("evaluate", {"run": str(opened.run.path), "images": str(folder)})]
    assert robot.page.view.headline.chips["folder"].isChecked()
    assert "images of that folder right" in robot.words
    assert not robot.page.view.wrong_card.relabel.isVisible()


def test_no_folder_chosen_changes_nothing(robot, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    robot.choose_subset("folder")
    assert robot.page.view.headline.chips["test"].isChecked()


@pytest.mark.parametrize(
    ("opens", "words"),
    [(True, " and opens now."), (False, "; no program was found to open it.")],
)
def test_the_report_is_written_and_opened(opens, words, robot, opened, tmp_path, monkeypatch, qtbot):
    out, opened_urls = tmp_path / "report.html", []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened_urls.append(url) or opens)
    with qtbot.waitSignal(opened.status_message, timeout=10_000) as said:
        QTest.mouseClick(robot.page.view.headline.report, Qt.MouseButton.LeftButton)
    assert said.args == [f"The report is in {out}{words}"]
    assert out.exists()
    assert opened_urls[0].toLocalFile() == str(out)


def test_a_report_chosen_as_pdf_ends_so(robot, opened, tmp_path, monkeypatch, qtbot):
    asked = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "report.html"), PDF))
    monkeypatch.setattr(opened, "submit", lambda operation, **rest: asked.append(rest) or FakeJob())
    QTest.mouseClick(robot.page.view.headline.report, Qt.MouseButton.LeftButton)
    assert asked[0]["out"] == str(tmp_path / "report.pdf")


def test_runs_are_compared_and_one_chosen(robot, opened, qtbot):
    make(opened, "run-2", accuracy=0.9, seed=3)
    make(opened, "run-3", done=4, finished=False)
    QTest.mouseClick(robot.page.view.headline.compare, Qt.MouseButton.LeftButton)
    dialog = robot.page._runs
    qtbot.waitUntil(lambda: len(dialog.runs.table.row_keys()) == 3, timeout=5_000)
    rows = [dialog.runs.table.texts(key) for key in dialog.runs.table.row_keys()]
    assert [row[0] for row in rows] == ["Run 1", "Run 2", "Run 3"]
    assert "(" in rows[0][2]
    assert rows[2][2] == "—"
    dialog.runs.table.select_key(dialog.runs.table.row_keys()[0])
    QTest.keyClick(dialog.runs.table, Qt.Key.Key_Return)
    assert opened.run.path.name == "run-1"
    assert not dialog.isVisible()
    robot.wait_for_figures()


def test_another_run_is_seen_from_its_top_and_without_the_cell_of_the_one_before(robot, opened):
    matrix, bar = robot.page.view.matrix, robot.page.view._page.verticalScrollBar()
    assert matrix.currentIndex().isValid()
    robot.page.resize(1064, 400)
    bar.setValue(bar.maximum())
    assert bar.value() > 0
    make(opened, "run-2", accuracy=1.0)
    robot.wait_for_figures()
    assert robot.accuracy == "100 %"
    assert bar.value() == 0
    assert not matrix.currentIndex().isValid()


def test_empty_states(app_state, opened, qtbot):
    robot = EvaluateRobot(EvaluatePage(opened), qtbot).show()
    assert robot.empty_words == "No run yet"
    make(opened, done=4, finished=False)
    qtbot.waitUntil(lambda: robot.empty_words == "Run 1 has no figures yet", timeout=5_000)
    with qtbot.waitSignal(robot.page.go_to) as emitted:
        QTest.mouseClick(robot.page._empty.button, Qt.MouseButton.LeftButton)
    assert emitted.args == ["train"]
    make(opened, "run-2", splits=())
    qtbot.waitUntil(lambda: robot.empty_words == "Run 2 has no figures", timeout=5_000)


def test_the_checks_of_a_run_that_holds_no_findings_are_run(opened, qtbot):
    """As of a run that an older version made."""
    run = make(opened)
    metrics = run.read_json(run.metrics)
    del metrics["test"]["findings"], metrics["validation"]["findings"]
    write_json(run.metrics, metrics)
    robot = EvaluateRobot(EvaluatePage(opened), qtbot).show().wait_for_figures()
    qtbot.waitUntil(lambda: robot.notes == ["Weakest class: bees."], timeout=5_000)
    asked = len(opened.engine.open_jobs())
    robot.choose_subset("validation")
    robot.wait_for_figures("validation")
    assert robot.notes == []
    robot.choose_subset("test")
    assert robot.notes == ["Weakest class: bees."]
    assert len(opened.engine.open_jobs()) == asked, "they are run once"


def test_what_the_training_warned_of_is_said_beside_the_figures(opened, qtbot):
    make(opened, warnings=["The classifier is now made for the other images."])
    robot = EvaluateRobot(EvaluatePage(opened), qtbot).show().wait_for_figures()
    assert "The classifier is now made for the other images." in robot.notes


def test_damaged_predictions_leave_the_figures(opened, qtbot):
    run = make(opened)
    write_text(run.predictions, "nothing")
    robot = EvaluateRobot(EvaluatePage(opened), qtbot).show().wait_for_figures()
    assert any("damaged" in note for note in robot.notes)
    assert robot.accuracy.endswith("%")
    assert robot.cell_images() == []
    assert "missing" in robot.page.view.wrong_card.hint.text()


def with_health(run):
    """Give a run the answers to a second question, which are all right."""
    parts = read_predictions_csv(run.predictions)
    for name, part in parts.items():
        true = np.arange(len(part.paths)) % 2
        health = Predictions(
            paths=part.paths, classes=("ill", "well"), probabilities=np.eye(2)[true], true_indices=true
        )
        parts[name] = replace(part, further={"health": health})
    write_predictions_csv(run.predictions, parts)
    values = json.loads(run.metrics.read_text())
    for name, part in parts.items():
        found = evaluate_predictions(part, subset=name, column="species")
        values[name] = {**values[name], "columns": found.as_stored_json()["columns"]}
    write_json(run.metrics, values)
    return run


def test_the_label_column_whose_figures_are_shown_can_be_chosen(opened, qtbot):
    opened.select_run(with_health(make(opened, "several")))
    robot = EvaluateRobot(EvaluatePage(opened), qtbot).show().wait_for_figures()
    combo = robot.page.view.headline.column
    assert combo.isVisible()
    assert [combo.itemText(n) for n in range(combo.count())] == ["species", "health"]
    first = robot.accuracy
    assert shown_column(robot).classes == ("ants", "bees", "leaves")
    combo.setFocus()
    qtbot.keyClick(combo, Qt.Key.Key_Down)
    assert robot.accuracy == "100 %" != first
    assert shown_column(robot).classes == ("ill", "well")
    assert robot.wrong_images() == []
    assert robot.notes == [
        "The checks are about the label column “species”: choose it to see what they found."
    ]
    robot.choose_subset("validation")
    assert shown_column(robot).classes == ("ill", "well")
    qtbot.keyClick(combo, Qt.Key.Key_Up)
    assert shown_column(robot).classes == ("ants", "bees", "leaves")


def test_one_label_column_needs_no_choice(robot):
    assert not robot.page.view.headline.column.isVisible()


def test_a_class_shows_the_mistakes_with_it(robot, qtbot):
    column, table = shown_column(robot), robot.page.view.per_class
    name = column.classes[robot.page.view.matrix.currentIndex().row()]
    table.setFocus()
    table.select_key(name)
    QTest.keyClick(table, Qt.Key.Key_Return)
    index = column.classes.index(name)
    assert robot.cell_images() == list(column.mistakes_with(index))
    assert robot.page.view.cell_card.heading.text() == (
        f"{name}: missed, or wrongly named ({len(robot.cell_images())})"
    )
    assert not robot.page.view.matrix.currentIndex().isValid()


def test_three_clicks_from_a_cell_to_the_result_of_a_new_training(robot, opened, qtbot, qapp):
    card, again, before = robot.page.view.cell_card, robot.page.again, robot.page._run
    clicks = Clicks()
    qapp.installEventFilter(clicks)
    robot.click_chosen_cell()
    wrong = card.predictions[0]
    assert card.accept.text() == f"Label: {wrong.predicted_class}"
    QTest.mouseClick(card.accept, Qt.MouseButton.LeftButton)
    assert opened.image(wrong.path).label() == wrong.predicted_class
    assert card.grid.items()[0].badge == "relabelled"
    qtbot.waitUntil(again.button.isVisible)
    assert "Only test images were mended" in again.words.text()
    with qtbot.waitSignal(robot.page.go_to) as gone:
        QTest.mouseClick(again.button, Qt.MouseButton.LeftButton)
    qapp.removeEventFilter(clicks)
    assert (clicks.count, gone.args) == (3, ["train"])
    qtbot.waitUntil(lambda: opened.training is None and robot.page._run != before, timeout=20_000)
    robot.wait_for_figures()
    assert [run.finished for run in (before, robot.page._run)] == [True, True]
    assert robot.accuracy.endswith("%")
    opened.edits.undo()
    assert opened.image(wrong.path).label() == wrong.true_class


def test_a_label_that_is_taken_back_needs_no_new_training(robot, opened, qtbot):
    card, again = robot.page.view.cell_card, robot.page.again
    robot.click_chosen_cell()
    wrong = card.predictions[0]
    QTest.mouseClick(card.accept, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(again.button.isVisible)
    opened.edits.undo()
    assert opened.image(wrong.path).label() == wrong.true_class
    qtbot.waitUntil(lambda: not again.button.isVisible())


def test_an_image_is_left_out_in_place_and_brought_back(robot, opened):
    card = robot.page.view.wrong_card
    path = robot.select_image(card)
    QTest.mouseClick(card.leave_out, Qt.MouseButton.LeftButton)
    assert opened.image(path).left_out
    assert card.grid.items()[0].badge == "left out"
    opened.edits.undo()
    assert not opened.image(path).left_out
    assert card.grid.items()[0].badge != "left out"


def test_answers_that_are_right_or_differ_offer_no_class_to_take_over(robot):
    card, column = robot.page.view.cell_card, shown_column(robot)
    diagonal = next(i for i in range(3) if column.metrics.confusion[i][i])
    robot.open_cell_by_keyboard(diagonal, diagonal)
    robot.select_image(card)
    assert not card.accept.isEnabled()
    assert card.leave_out.isEnabled()


def test_a_large_run_shows_its_figures_first_and_then_its_images(opened, qtbot, monkeypatch):
    monkeypatch.setattr(contents, "MUCH_BYTES", 0)
    make(opened)
    robot = EvaluateRobot(EvaluatePage(opened), qtbot).show().wait_for_figures()
    assert robot.accuracy.endswith("%")
    assert robot.page.view.cell_card.hint.text() == "The answers for single images are being read …"
    assert robot.page.view.suspects.words.text() == READING
    robot.choose_subset("validation")
    qtbot.waitUntil(lambda: bool(robot.wrong_images()))
    assert robot.page.view.shown.subset == "validation", "what was chosen meanwhile stays"
    assert robot.page.view.suspects.words.text() == NOT_COMPARED
