"""Plain values become dataclasses only when every one of them is of its type."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.core.typed_values import read_classes, read_dataclass, read_value


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    n: int
    share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    name: str
    kind: Literal["a", "b"] = "a"
    pair: tuple[float, float] | None = None
    rows: tuple[tuple[int, ...], ...] = ()
    inner: tuple[Inner, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    done: bool = False


WHOLE = Outer(
    name="x",
    kind="b",
    pair=(0.25, 1.0),
    rows=((1, 2), (3, 4)),
    inner=(Inner(n=1), Inner(n=2, share=0.5)),
    extra={"deep": [1, {"a": None}]},
    done=True,
)


def test_what_was_written_is_read_back():
    assert read_dataclass(Outer, asdict(WHOLE)) == WHOLE


def test_missing_fields_take_their_defaults_and_unknown_ones_are_dropped():
    assert read_dataclass(Outer, {"name": "x", "of a newer version": 1}) == Outer(name="x")


@pytest.mark.parametrize(
    "values",
    [
        None,
        [],
        "name",
        {},
        {"name": None},
        {"name": 1},
        {"name": "x", "kind": "c"},
        {"name": "x", "kind": ["a"]},
        {"name": "x", "pair": [1]},
        {"name": "x", "pair": [1, "2"]},
        {"name": "x", "rows": [[1], 2]},
        {"name": "x", "rows": [[1.5]]},
        {"name": "x", "rows": [[True]]},
        {"name": "x", "rows": [[10**30]]},
        {"name": "x", "inner": [{}]},
        {"name": "x", "inner": [{"n": 1, "share": 10**400}]},
        {"name": "x", "extra": [["a", 1]]},
        {"name": "x", "done": 1},
    ],
)
def test_values_of_other_types_are_refused(values):
    with pytest.raises(ValueError, match=r"."):
        read_dataclass(Outer, values)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(name=st.sampled_from(["name", "kind", "pair", "rows", "inner", "extra", "done"]), value=JSON)
def test_nothing_but_a_value_error_comes_of_any_value(name, value):
    try:
        made = read_dataclass(Outer, {**asdict(WHOLE), name: value})
    except ValueError:
        return
    assert read_dataclass(Outer, asdict(made)) == made or made != made


def test_a_whole_number_is_a_number():
    assert read_value(float, 3) == 3.0
    with pytest.raises(ValueError, match="expected"):
        read_value(float, True)


@pytest.mark.parametrize("value", [["a", "a"], ["a", ""], "ab", None, [1], {"a": 1}])
def test_classes_need_names_of_their_own(value):
    with pytest.raises(ValueError, match=r"."):
        read_classes(value)


def test_classes_keep_their_order():
    assert read_classes(["b", "a"]) == ("b", "a")
