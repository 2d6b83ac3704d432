import pytest
from PySide6.QtWidgets import QFrame, QLabel

from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.lists.note_list import Note, NoteList, worst_first

NOTES = [
    Note("ok", "Classes are balanced."),
    Note("bad", "3 files cannot be read.", tip="They are torn."),
    Note("warn", "2 images are the same."),
]


@pytest.fixture
def listed(qtbot):
    notes = NoteList(name="Health")
    qtbot.addWidget(notes)
    notes.resize(300, 200)
    notes.show()
    return notes


def rows(notes: NoteList) -> list[tuple[str, str]]:
    """The sign and the text of each row that is there."""
    frames = [frame for frame in notes.findChildren(QFrame, "note") if frame.parent() is not None]
    return [tuple(label.text() for label in frame.findChildren(QLabel)) for frame in frames]


def test_what_wants_a_look_comes_first_and_the_rest_keeps_its_order():
    more = [*NOTES, Note("warn", "One class is small."), Note("info", "48 images.")]
    assert [note.kind for note in worst_first(more)] == ["bad", "warn", "warn", "info", "ok"]
    assert worst_first(more)[1].text == "2 images are the same."


def test_notes_are_shown_and_spoken(listed):
    listed.set_notes(NOTES)
    assert listed.notes == NOTES
    assert rows(listed) == [
        ("✓", "Classes are balanced."),
        ("✕", "3 files cannot be read."),
        ("!", "2 images are the same."),
    ]
    assert "Problem: 3 files cannot be read." in listed.accessibleDescription()
    assert [f.toolTip() for f in listed.findChildren(QFrame, "note")][1] == "They are torn."


def test_new_notes_take_the_place_of_the_old(listed):
    listed.set_notes(NOTES)
    listed.set_notes(NOTES[:1])
    assert rows(listed) == [("✓", "Classes are balanced.")]
    listed.set_notes([])
    assert rows(listed) == []
    assert listed.accessibleDescription() == ""


def test_notes_that_change_at_once_do_not_flash(listed, qtbot, own_windows):
    listed.set_notes(NOTES)
    listed.set_notes(NOTES[:1])
    qtbot.wait(20)
    assert own_windows == []


def test_the_same_notes_are_not_built_again(listed):
    listed.set_notes(NOTES)
    before = listed.findChildren(QFrame, "note")
    listed.set_notes(list(NOTES))
    assert listed.findChildren(QFrame, "note") == before


def test_notes_follow_the_theme(listed, qapp):
    listed.set_notes(NOTES[:1])
    light = listed.findChild(QFrame, "note").styleSheet()
    theme().apply(qapp, "dark")
    assert listed.findChild(QFrame, "note").styleSheet() != light
    assert rows(listed) == [("✓", "Classes are balanced.")]


def test_markup_in_a_note_is_shown_as_it_is(listed):
    listed.set_notes([Note("info", "<b>bees</b>")])
    label = listed.findChildren(QFrame, "note")[0].findChildren(QLabel)[1]
    assert label.textFormat().name == "PlainText"


def test_rows_stay_when_only_words_change(listed):
    listed.set_notes(NOTES)
    before = listed.findChildren(QFrame, "note")
    styles = [row.styleSheet() for row in before]
    changed = [note._replace(text=note.text + " Now.", kind="info") for note in NOTES[:2]]
    listed.set_notes([*changed, NOTES[2], Note("ok", "One more.")])
    after = listed.findChildren(QFrame, "note")
    assert after[:3] == before
    assert rows(listed) == [
        ("i", "Classes are balanced. Now."),
        ("i", "3 files cannot be read. Now."),
        ("!", "2 images are the same."),
        ("✓", "One more."),
    ]
    assert after[0].styleSheet() != styles[0]
    assert after[2].styleSheet() == styles[2]
