"""The dialog for groups."""

from __future__ import annotations

import pytest

from tests.data.tables.made import table_of
from tlstudio.gui.pages.data.groups_dialog import PATTERN, GroupsDialog

PATHS = tuple(f"ill/p{number // 3}_{number}.jpg" for number in range(9))


@pytest.fixture
def make(qtbot, tmp_path):
    def build(*, rule: str = "", partial: bool = False, text: str | None = None) -> GroupsDialog:
        table = table_of(tmp_path, text, PATHS) if text else None
        dialog = GroupsDialog(paths=PATHS, table=table, labels={}, rule=rule, partial=partial)
        qtbot.addWidget(dialog)
        return dialog

    return build


def lines(dialog: GroupsDialog) -> list[str]:
    return dialog.list.model().stringList()


def choose(dialog: GroupsDialog, title: str) -> None:
    dialog.choice.setCurrentIndex(dialog.choice.findText(title))


def test_a_choice_is_previewed_at_once(make):
    dialog = make()
    assert dialog.words.text() == "Only exact copies are kept together."
    assert dialog.rule() is None
    choose(dialog, "File name up to the first “_”")
    assert dialog.words.text() == "All 9 images in 3 groups."
    assert lines(dialog)[0] == "p0: 3 images, such as ill/p0_0.jpg"
    assert dialog.accept_button.isEnabled()


def test_choosing_a_pattern_leads_to_its_field(make, qtbot):
    dialog = make()
    dialog.show()
    dialog.activateWindow()
    dialog.choice.setFocus()
    dialog.choice.setCurrentIndex(dialog.choice.count() - 1)
    dialog.choice.activated.emit(dialog.choice.currentIndex())
    qtbot.waitUntil(dialog.pattern.hasFocus)


def test_a_pattern_is_previewed_while_it_is_typed(make, qtbot):
    dialog = make(rule="(p0|p1)")
    assert dialog.choice.currentText() == PATTERN
    assert "3 have none" in dialog.words.text()
    assert lines(dialog)[0] == "no group: ill/p2_6.jpg"
    dialog.pattern.setText("(p[")
    qtbot.waitUntil(lambda: "says nothing about the images" in dialog.words.text())
    assert "--groups" not in dialog.words.text()
    assert not dialog.accept_button.isEnabled()
    dialog.pattern.setText("jpg")
    qtbot.waitUntil(lambda: "nothing is left to test with" in dialog.words.text())
    assert not dialog.accept_button.isEnabled()
    dialog.pattern.setText("[0-9]+[.]jpg")
    qtbot.waitUntil(lambda: "keeps nothing together" in dialog.words.text())
    assert dialog.accept_button.isEnabled()


def test_images_without_a_group_have_to_be_agreed_to(make):
    dialog = make(text="image,patient\np0_0.jpg,Ann\np0_1.JPG,Ann\np1_3.jpg,Bob\n")
    choose(dialog, "Column “patient” of labels.csv")
    assert dialog.words.text().startswith("3 of 9 images in 2 groups.")
    assert not dialog.accept_button.isEnabled()
    dialog.partial.setChecked(True)
    assert dialog.accept_button.isEnabled()
    assert (dialog.rule(), dialog.allows_partial()) == ("patient", True)


def test_the_rule_that_holds_now_is_shown(make):
    dialog = make(rule="patient", partial=True, text="image,patient\np0_0.jpg,Ann\np1_3.jpg,Bob\n")
    assert dialog.choice.currentText() == "Column “patient” of labels.csv"
    assert dialog.accept_button.isEnabled()
