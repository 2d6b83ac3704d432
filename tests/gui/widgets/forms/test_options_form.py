"""The form of an options model, filled in as a person does it."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, model_validator
from PySide6.QtCore import Qt

from tlstudio.gui.widgets.forms.options_form import OptionsForm
from tlstudio.specs import STRATEGIES


class Options(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    low: float = Field(0.2, title="Lowest share", ge=0, le=1, description="Where it begins")
    high: float = Field(0.8, title="Highest share", ge=0, le=1)
    method: Literal["gentle", "strong"] = Field("gentle", title="Method")
    prompt: str = Field("photo", title="Prompt", min_length=2)
    mirror: bool = Field(False, title="Mirror")

    @model_validator(mode="after")
    def _in_order(self) -> Options:
        if self.low > self.high:
            raise ValueError("the lowest share must not be above the highest")
        return self


@pytest.fixture
def form(qtbot) -> OptionsForm:
    form = OptionsForm(Options)
    qtbot.addWidget(form)
    form.show()
    return form


DEFAULTS = {"low": 0.2, "high": 0.8, "method": "gentle", "prompt": "photo", "mirror": False}


@pytest.mark.parametrize("strategy", STRATEGIES.ids())
def test_every_strategy_has_options_that_a_form_can_show(strategy: str, qtbot):
    spec = STRATEGIES.get(strategy)
    form = OptionsForm(spec.options)
    qtbot.addWidget(form)
    form.set_values({})
    assert form.values() == spec.options().model_dump(mode="json")


def test_it_starts_with_the_defaults_and_every_option(form):
    form.set_values({})
    assert form.values() == DEFAULTS
    assert form.problem == ""


def test_a_change_by_keyboard_is_emitted_with_all_values(form, qtbot):
    form.set_values({})
    with qtbot.waitSignal(form.changed) as emitted:
        qtbot.keyClick(form.fields["mirror"].widget, Qt.Key.Key_Space)
    assert emitted.args[0] == {**DEFAULTS, "mirror": True}
    with qtbot.waitSignal(form.changed) as emitted:
        qtbot.keyClick(form.fields["method"].widget, Qt.Key.Key_Down)
    assert emitted.args[0]["method"] == "strong"


def test_showing_values_emits_nothing(form, qtbot):
    with qtbot.assertNotEmitted(form.changed):
        form.set_values({"low": 0.1, "method": "strong"})
    assert form.values() == {**DEFAULTS, "low": 0.1, "method": "strong"}


def test_a_value_that_is_not_allowed_takes_its_default_and_the_others_stay(form):
    form.set_values({"low": 7, "mirror": True, "gone": 1})
    assert form.values() == {**DEFAULTS, "mirror": True}


def test_values_that_do_not_go_together_all_take_their_defaults(form):
    form.set_values({"low": 0.9, "high": 0.1})
    assert form.values() == DEFAULTS


def test_a_refused_value_is_explained_in_one_sentence_and_not_emitted(form, qtbot):
    form.set_values({})
    line = form.fields["prompt"].widget
    line.setText("x")
    with qtbot.assertNotEmitted(form.changed), qtbot.waitSignal(form.problem_changed):
        qtbot.keyClick(line, Qt.Key.Key_Return)
    assert form.problem == "Prompt: write at least 2 characters."
    assert form.problem_text.isVisible()
    line.setText("scan")
    with qtbot.waitSignal(form.changed):
        qtbot.keyClick(line, Qt.Key.Key_Return)
    assert form.problem == ""
    assert not form.problem_text.isVisible()


def test_values_that_contradict_each_other_are_explained(form):
    form.set_values({})
    form.fields["low"].widget.setValue(0.9)
    assert form.problem == "The lowest share must not be above the highest."


def test_labels_lead_to_their_controls(form):
    low = form.fields["low"].widget
    label = form._rows.labelForField(low)
    assert label.text() == "Lowest share"
    assert label.buddy() is low
    assert label.toolTip() == low.toolTip() == "Where it begins"


def test_long_titles_and_choices_are_whole_in_a_narrow_column(qtbot):
    class Long(BaseModel):
        least: float | None = Field(None, title="Least certainty of a suggestion that is taken over")
        method: Literal["let-it-choose", "align-both-statistics"] = Field("let-it-choose", title="Method")
        keep: bool = Field(True, title="Return to the start where the result is not clearly better")

    form = OptionsForm(Long)
    qtbot.addWidget(form)
    form.resize(250, 400)
    form.show()
    assert form.minimumSizeHint().width() <= 250
    least, choice, keep = (form.fields[name].widget for name in ("least", "method", "keep"))
    label = form._rows.labelForField(least)
    assert label.height() >= label.heightForWidth(label.width())
    assert choice.width() >= choice.minimumSizeHint().width()
    assert "\n" in keep.text()
    qtbot.waitUntil(lambda: keep.height() >= keep.sizeHint().height())
