"""Findings below each other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from tlstudio.core.finding import Finding
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.lists.finding_button import FindingButton
from tlstudio.gui.widgets.lists.finding_list import FindingList


def finding(severity, message, **rest) -> Finding:
    return Finding(check="c", severity=severity, message=message, **rest)


FINDINGS = [
    finding("serious", "3 files cannot be read.", meaning="They are torn.", mend="Copy them."),
    finding("warning", "2 images are the same.", paths=("a/1", "a/2")),
    finding("ok", "Classes are balanced."),
]


@pytest.fixture
def listed(qtbot):
    findings = FindingList(name="Health", shows_images=True)
    qtbot.addWidget(findings)
    findings.resize(300, 300)
    findings.show()
    return findings


def texts(listed: FindingList) -> list[str]:
    return [button.text() for button in listed.findChildren(FindingButton)]


def test_findings_are_shown_and_spoken(listed):
    listed.set_findings(FINDINGS)
    assert listed.findings == FINDINGS
    assert texts(listed) == [found.message for found in FINDINGS]
    assert "Must be mended: 3 files cannot be read." in listed.accessibleDescription()
    assert "They are torn." in listed.buttons[0].toolTip()
    assert "Copy them." in listed.buttons[0].accessibleDescription()


def test_new_findings_take_the_place_of_the_old(listed, qtbot):
    listed.set_findings(FINDINGS)
    listed.set_findings(FINDINGS[:1])
    assert texts(listed) == ["3 files cannot be read."]
    listed.set_findings([])
    assert texts(listed) == []
    assert listed.accessibleDescription() == ""


def test_findings_that_change_at_once_do_not_flash(listed, qtbot, own_windows):
    listed.set_findings(FINDINGS)
    listed.set_findings(FINDINGS[:1])
    qtbot.wait(20)
    assert own_windows == []


def test_rows_stay_when_only_words_change(listed):
    listed.set_findings(FINDINGS)
    before = list(listed.buttons)
    changed = [replace(found, message=found.message + " Now.") for found in FINDINGS]
    listed.set_findings([*changed, finding("ok", "One more.")])
    assert listed.buttons[:3] == before
    assert texts(listed)[0] == "3 files cannot be read. Now."
    assert len(listed.buttons) == 4


def test_pressing_a_finding_asks_for_its_images(listed, qtbot):
    listed.set_findings(FINDINGS)
    with qtbot.waitSignal(listed.show_requested) as asked:
        listed.buttons[1].click()
    assert asked.args[0].paths == ("a/1", "a/2")
    with qtbot.assertNotEmitted(listed.show_requested):
        listed.buttons[0].click()


def test_a_row_becomes_a_tab_stop_when_it_has_images(listed):
    listed.set_findings(FINDINGS[2:])
    assert listed.buttons[0].focusPolicy() == Qt.FocusPolicy.NoFocus
    listed.set_findings(FINDINGS[1:2])
    assert listed.buttons[0].focusPolicy() == Qt.FocusPolicy.StrongFocus


def test_without_images_to_show_nothing_can_be_pressed(qtbot):
    listed = FindingList(name="Checks")
    qtbot.addWidget(listed)
    listed.set_findings(FINDINGS)
    assert not any(button.is_pressable for button in listed.buttons)


def test_findings_follow_the_theme(listed, qapp):
    listed.set_findings(FINDINGS[:1])
    light = listed.buttons[0].grab().toImage()
    theme().apply(qapp, "dark")
    assert listed.buttons[0].grab().toImage() != light
