"""Checks plain JSON values against type annotations, for files that may be damaged or made by hand.

pydantic does the same for recipes and arguments. The window reads runs and events while it starts, before
there is time to load pydantic; everything that it reads is checked here.
"""

from __future__ import annotations

import dataclasses
import functools
import types
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

LARGEST_WHOLE = 2**53
"""Whole numbers beyond it are not the same in every program that reads JSON."""


def read_dataclass(cls: type[T], values: Any) -> T:
    """Build a dataclass from the values that `dataclasses.asdict` gave, after JSON.

    Fields that are missing take their defaults; unknown ones, of newer versions, are dropped.

    Args:
        cls: Its fields may be of the types that `read_value` knows.
        values: Plain values.

    Raises:
        ValueError: They are not those of such a dataclass.
    """
    if not isinstance(values, Mapping):
        raise ValueError(f"{_shown(values)} is no {cls.__name__}")
    hints = _hints(cls)  # type: ignore[arg-type]  # classes can be hashed
    known = {name: read_value(hints[name], value) for name, value in values.items() if name in hints}
    try:
        return cls(**known)
    except TypeError as error:  # a field without a default is missing
        raise ValueError(str(error)) from error


def read_value(kind: Any, value: Any) -> Any:
    """Check a plain value against a type, and turn lists into the tuples it asks for.

    Args:
        kind: `Any`, `None`, `bool`, `int`, `float`, `str`, a `Literal`, a union, a `tuple`, a mapping, or a
            dataclass of these.
        value: As JSON gives it.

    Raises:
        ValueError: It is of another type.
    """
    origin, parts = get_origin(kind), get_args(kind)
    if kind is Any:
        return value
    if origin in (Union, types.UnionType):
        return _read_union(parts, value)
    if origin is Literal and value in parts and isinstance(value, str):
        return value
    if origin is tuple and isinstance(value, list | tuple):
        return _read_tuple(parts, value)
    if isinstance(origin, type) and issubclass(origin, Mapping) and isinstance(value, Mapping):
        return {read_value(parts[0], key): read_value(parts[1], item) for key, item in value.items()}
    if origin is None and dataclasses.is_dataclass(kind):
        return read_dataclass(kind, value)  # type: ignore[arg-type]
    if _is_plain(kind, value):
        return float(value) if kind is float else value
    raise ValueError(f"{_shown(value)} where {getattr(kind, '__name__', kind)} is expected")


def _shown(value: Any) -> str:
    return f"{value!r:.80}" if isinstance(value, str | int | float | None) else type(value).__name__


def _is_plain(kind: Any, value: Any) -> bool:
    if kind in (None, types.NoneType):
        return value is None
    if isinstance(value, bool) or kind is bool:
        return kind is bool and isinstance(value, bool)
    if kind in (int, float) and isinstance(value, int):
        return abs(value) <= LARGEST_WHOLE
    return isinstance(kind, type) and isinstance(value, kind)


def _read_union(kinds: tuple[Any, ...], value: Any) -> Any:
    for kind in kinds:
        try:
            return read_value(kind, value)
        except ValueError:
            continue
    raise ValueError(f"{_shown(value)} is of none of the types that are expected")


def _read_tuple(kinds: tuple[Any, ...], value: list[Any] | tuple[Any, ...]) -> tuple[Any, ...]:
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        # Rows of confusion matrices of many classes, which take seconds one by one.
        if kinds[0] is int and all(type(item) is int and abs(item) <= LARGEST_WHOLE for item in value):
            return tuple(value)
        return tuple(read_value(kinds[0], item) for item in value)
    if len(kinds) != len(value):
        raise ValueError(f"{len(value)} values where {len(kinds)} are expected")
    return tuple(read_value(kind, item) for kind, item in zip(kinds, value, strict=True))


@functools.cache
def _hints(cls: type[Any]) -> dict[str, Any]:
    hints = get_type_hints(cls)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls) if field.init}


def read_classes(value: Any) -> tuple[str, ...]:
    """Check class names: a list of texts, none empty and none twice.

    Raises:
        ValueError: It is no such list.
    """
    classes: tuple[str, ...] = read_value(tuple[str, ...], value)
    if not all(classes) or len(set(classes)) < len(classes):
        raise ValueError("a class without a name, or two of one name")
    return classes
