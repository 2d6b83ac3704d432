"""Each type of option has its control, with the bounds and words of the model."""

from __future__ import annotations

from enum import Enum
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QLineEdit, QSpinBox

from tlstudio.gui.widgets.forms.option_field import OptionField, build_option_field, readable


class Method(Enum):
    MOMENT_MATCHING = "coral"
    ADVERSARIAL = "dann"


class Options(BaseModel):
    mirror: bool = Field(True, title="Mirror images", description="Also learn from mirror images")
    rounds: int = Field(3, ge=1, le=20)
    width: int = Field(256, gt=0, lt=1000)
    anything: int = 0
    strength: float = Field(0.5, ge=0, le=1)
    rate: float = Field(3e-4, gt=0, lt=1)
    kind: Literal["let-it-choose", "small"] = "let-it-choose"
    method: Method = Method.ADVERSARIAL
    words: str = Field("a photo of", title="Words before the class")
    limit: int | None = Field(None, ge=1, le=9)
    share: float | None = Field(None, ge=0.5)
    remark: str | None = None


@pytest.fixture
def field(qtbot):
    def build(name: str) -> OptionField:
        made = build_option_field(name, Options.model_fields[name])
        qtbot.addWidget(made.widget)
        return made

    return build


@pytest.mark.parametrize(
    ("name", "control", "value"),
    [
        ("mirror", QCheckBox, False),
        ("rounds", QSpinBox, 7),
        ("strength", QDoubleSpinBox, 0.25),
        ("kind", QComboBox, "small"),
        ("method", QComboBox, Method.MOMENT_MATCHING),
        ("words", QLineEdit, "a scan of"),
        ("limit", QSpinBox, 4),
        ("limit", QSpinBox, None),
        ("share", QDoubleSpinBox, 0.5),
        ("share", QDoubleSpinBox, None),
        ("remark", QLineEdit, "x"),
        ("remark", QLineEdit, None),
    ],
)
def test_a_value_is_shown_and_read_back(field, name: str, control: type, value: Any):
    made = field(name)
    assert isinstance(made.widget, control)
    made.write(value)
    assert made.read() == value


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("rounds", 1, 20), ("width", 1, 999), ("strength", 0, 1), ("rate", 0.0001, 0.9999)],
)
def test_bounds_of_the_model_are_bounds_of_the_control(field, name: str, low: float, high: float):
    box = field(name).widget
    assert box.minimum() == pytest.approx(low)
    assert box.maximum() == pytest.approx(high)


def test_steps_and_decimals_fit_the_default(field):
    assert field("rate").widget.decimals() == 4
    assert field("rate").widget.singleStep() == pytest.approx(1e-4)
    assert field("strength").widget.decimals() == 2
    assert field("strength").widget.singleStep() == pytest.approx(0.1)
    assert field("rounds").widget.singleStep() == 1
    assert field("width").widget.singleStep() == 10


def test_title_and_description_become_label_tip_and_accessible_name(field):
    box = field("mirror").widget
    assert (box.text(), box.toolTip()) == ("Mirror images", "Also learn from mirror images")
    assert (box.accessibleName(), box.accessibleDescription()) == (
        "Mirror images",
        "Also learn from mirror images",
    )
    assert field("rounds").title == "Rounds"


def test_choices_are_shown_in_words(field):
    kind, method = field("kind").widget, field("method").widget
    assert [kind.itemText(row) for row in range(kind.count())] == ["Let it choose", "Small"]
    assert [method.itemText(row) for row in range(method.count())] == ["Moment matching", "Adversarial"]
    assert readable("ImageNet-21k") == "ImageNet 21k"


def test_a_type_without_a_control_is_refused_by_name(qapp):
    class Odd(BaseModel):
        pairs: dict[str, int] = {}

    with pytest.raises(TypeError, match="pairs"):
        build_option_field("pairs", Odd.model_fields["pairs"])
