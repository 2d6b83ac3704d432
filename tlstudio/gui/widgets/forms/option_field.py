"""The control for one field of an options model: a check box, spin box, combo box or text line."""

from __future__ import annotations

import math
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QLineEdit, QWidget

from tlstudio.gui.widgets.basics.scroll_safe import (
    ScrollSafeComboBox,
    ScrollSafeDecimalBox,
    ScrollSafeSpinBox,
)
from tlstudio.gui.widgets.basics.term_tips import with_terms
from tlstudio.gui.widgets.basics.wrapping_check_box import WrappingCheckBox

LARGEST_WHOLE = 2**31 - 1
LARGEST_DECIMAL = 1e9
FEWEST_DECIMALS, MOST_DECIMALS = 2, 6
NO_VALUE = "automatic"
"""Text that a number field which may be left out shows at its lowest position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionField:
    """A control bound to one option.

    Attributes:
        name: Name of the option.
        title: Its label.
        widget: The control.
        read: Returns the value that the control shows.
        write: Makes the control show a value.
        edited: The control's signal of a change.
    """

    name: str
    title: str
    widget: QWidget
    read: Callable[[], Any]
    write: Callable[[Any], None]
    edited: SignalInstance


def build_option_field(name: str, info: FieldInfo) -> OptionField:
    """Build the control for a field of a pydantic model.

    Args:
        name: Name of the field.
        info: Its type, bounds, title and description.

    Raises:
        TypeError: There is no control for its type.
    """
    kind, is_optional = _without_none(info.annotation)
    title = info.title or readable(name)
    field: OptionField | None = None
    if kind is bool and not is_optional:
        field = _check_box(name, title)
    elif kind is int:
        field = _whole_number(name, title, info, is_optional=is_optional)
    elif kind is float:
        field = _decimal_number(name, title, info, is_optional=is_optional)
    elif kind is str:
        field = _text_line(name, title, is_optional=is_optional)
    elif get_origin(kind) is Literal and not is_optional:
        field = _choice(name, title, [(readable(str(value)), value) for value in get_args(kind)])
    elif isinstance(kind, type) and issubclass(kind, Enum) and not is_optional:
        field = _choice(name, title, [(readable(member.name.lower()), member) for member in kind])
    if field is None:
        raise TypeError(f"the option {name} has the type {info.annotation}, which no control can edit")
    tip = info.description or ""
    field.widget.setToolTip(with_terms(tip, text=title))
    field.widget.setAccessibleName(title)
    field.widget.setAccessibleDescription(tip)
    field.widget.setObjectName(name)
    return field


def readable(identifier: str) -> str:
    """An identifier as words: "let-it-choose" becomes "Let it choose"."""
    words = identifier.replace("-", " ").replace("_", " ")
    return words[:1].upper() + words[1:]


def _without_none(annotation: Any) -> tuple[Any, bool]:
    """The type without `None`, and whether `None` was allowed."""
    if get_origin(annotation) in (Union, types.UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
        if len(kinds) == 1:
            return kinds[0], True
    return annotation, False


def _check_box(name: str, title: str) -> OptionField:
    box = WrappingCheckBox(title)
    return OptionField(
        name=name, title=title, widget=box, read=box.isChecked, write=box.setChecked, edited=box.toggled
    )


def _choice(name: str, title: str, entries: Sequence[tuple[str, Any]]) -> OptionField:
    box = ScrollSafeComboBox()
    for words, _value in entries:
        box.addItem(words)
    values = [value for _words, value in entries]
    return OptionField(
        name=name,
        title=title,
        widget=box,
        read=lambda: values[box.currentIndex()],
        write=lambda value: box.setCurrentIndex(values.index(value)),
        edited=box.currentIndexChanged,
    )


def _text_line(name: str, title: str, *, is_optional: bool) -> OptionField:
    line = QLineEdit()
    return OptionField(
        name=name,
        title=title,
        widget=line,
        read=lambda: None if is_optional and not line.text() else line.text(),
        write=lambda value: line.setText(value or ""),
        edited=line.editingFinished,
    )


def _whole_number(name: str, title: str, info: FieldInfo, *, is_optional: bool) -> OptionField:
    low = _first(_bound(info, "ge"), _above(_bound(info, "gt")), -LARGEST_WHOLE)
    high = _first(_bound(info, "le"), _below(_bound(info, "lt")), LARGEST_WHOLE)
    step = int(_bound(info, "multiple_of") or _whole_step(info.default))
    box = ScrollSafeSpinBox()
    box.setSingleStep(step)
    lowest = math.ceil(low) - (1 if is_optional else 0)
    box.setRange(lowest, math.floor(high))
    return _number(name, title, box, lowest=lowest if is_optional else None)


def _decimal_number(name: str, title: str, info: FieldInfo, *, is_optional: bool) -> OptionField:
    above, below = _bound(info, "gt"), _bound(info, "lt")
    low, high = _first(_bound(info, "ge"), above), _first(_bound(info, "le"), below)
    default = info.default if isinstance(info.default, int | float) else None
    digits = [_decimals(value) for value in (low, high, default, _bound(info, "multiple_of"))]
    decimals = min(max(FEWEST_DECIMALS, *digits), MOST_DECIMALS)
    smallest = 10.0**-decimals
    # An exclusive bound is moved inwards by the smallest difference that can be typed.
    lowest = (-LARGEST_DECIMAL if low is None else low) + (0 if above is None else smallest)
    highest = (LARGEST_DECIMAL if high is None else high) - (0 if below is None else smallest)
    step = _bound(info, "multiple_of") or _decimal_step(default, low=low, high=high)
    box = ScrollSafeDecimalBox()
    box.setDecimals(decimals)
    box.setSingleStep(max(step, smallest))
    lowest -= smallest if is_optional else 0
    box.setRange(lowest, highest)
    return _number(name, title, box, lowest=lowest if is_optional else None, decimals=decimals)


def _number(
    name: str,
    title: str,
    box: ScrollSafeSpinBox | ScrollSafeDecimalBox,
    *,
    lowest: float | None,
    decimals: int | None = None,
) -> OptionField:
    """Make a field of a spin box; at `lowest` its value is None."""
    if lowest is not None:
        box.setSpecialValueText(NO_VALUE)

    def read() -> Any:
        if lowest is not None and box.value() == box.minimum():
            return None
        return box.value() if decimals is None else round(box.value(), decimals)

    def write(value: Any) -> None:
        box.setValue(box.minimum() if value is None else value)  # type: ignore[arg-type]  # of its own kind

    return OptionField(name=name, title=title, widget=box, read=read, write=write, edited=box.valueChanged)


def _bound(info: FieldInfo, kind: str) -> float | None:
    """A limit of the field: "ge", "gt", "le", "lt" or "multiple_of"."""
    return next((getattr(item, kind) for item in info.metadata if hasattr(item, kind)), None)


def _above(bound: float | None) -> float | None:
    return None if bound is None else math.floor(bound) + 1


def _below(bound: float | None) -> float | None:
    return None if bound is None else math.ceil(bound) - 1


def _first(*values: float | None) -> Any:
    return next((value for value in values if value is not None), None)


def _decimals(value: float | None) -> int:
    """Number of digits after the decimal point: 2 for 0.25, 4 for 3e-4."""
    exponent = Decimal(repr(float(value or 0))).normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _whole_step(default: Any) -> int:
    """Step of a whole number: 1 for defaults up to 99, 10 up to 999, and so on."""
    return 10 ** max(len(str(abs(default))) - 2, 0) if isinstance(default, int) else 1


def _decimal_step(default: float | None, *, low: float | None, high: float | None) -> float:
    """Step of a decimal: the place value of the default's first digit, at most a tenth of the range."""
    tenth = (high - low) / 10 if low is not None and high is not None else None
    if not default:
        return tenth or 0.1
    place = 10.0 ** math.floor(math.log10(abs(default)))
    return min(place, tenth) if tenth else place
