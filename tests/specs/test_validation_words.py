"""Refused values are told in words that anyone understands."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tlstudio.specs.validation_words import refusal_words


class Inner(BaseModel):
    seed: int = 1


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid")

    whiten: bool = True
    steps: int = Field(1, ge=1, le=5)
    rate: float = Field(1, gt=0, lt=2.5, allow_inf_nan=False)
    classes: tuple[str, ...] = ()
    channels: list[int] = Field([], min_length=0, max_length=2)
    method: Literal["a", "b"] = "a"
    text: str = Field("xyz", min_length=2, max_length=4, pattern="^x")
    letter: str = Field("x", min_length=1, max_length=1)
    one: list[int] = Field([1], min_length=1, max_length=1)
    more: dict[str, Any] = {}
    inner: Inner = Inner()

    @model_validator(mode="after")
    def _refuse(self) -> Model:
        if self.steps == 4:
            raise ValueError("Four steps are too even.")
        return self


@pytest.mark.parametrize(
    ("values", "place", "words"),
    [
        ({"whiten": "banana"}, "whiten", "give true or false"),
        ({"whiten": []}, "whiten", "give true or false"),
        ({"steps": "many"}, "steps", "give a whole number"),
        ({"steps": 1.5}, "steps", "give a whole number"),
        ({"steps": 9}, "steps", "give at most 5"),
        ({"steps": 0}, "steps", "give at least 1"),
        ({"rate": "fast"}, "rate", "give a number"),
        ({"rate": float("nan")}, "rate", "give a number"),
        ({"rate": 3}, "rate", "give less than 2.5"),
        ({"rate": 0}, "rate", "give more than 0"),
        ({"classes": "ants"}, "classes", "give a list, such as [1, 2]"),
        ({"classes": [1]}, "classes.0", "give a text"),
        ({"channels": 1}, "channels", "give a list, such as [1, 2]"),
        ({"channels": [1, 2, 3]}, "channels", "give at most 2 values"),
        ({"method": "c"}, "method", "give 'a' or 'b'"),
        ({"text": 3}, "text", "give a text"),
        ({"text": "x"}, "text", "write at least 2 characters"),
        ({"text": "xxxxx"}, "text", "write at most 4 characters"),
        ({"text": "yyy"}, "text", "this cannot be used here"),
        ({"letter": ""}, "letter", "write at least 1 character"),
        ({"letter": "xx"}, "letter", "write at most 1 character"),
        ({"one": []}, "one", "give at least 1 value"),
        ({"one": [1, 2]}, "one", "give at most 1 value"),
        ({"more": 3}, "more", 'give settings in braces, such as {"name": 1}'),
        ({"inner": 3}, "inner", 'give settings in braces, such as {"name": 1}'),
        ({"inner": {"seed": "x"}}, "inner.seed", "give a whole number"),
        ({"banana": 1}, "banana", "there is no such setting"),
        ({"steps": 4}, "", "four steps are too even"),
    ],
)
def test_each_kind_of_refusal_has_plain_words(values: dict[str, Any], place: str, words: str):
    with pytest.raises(ValidationError) as raised:
        Model.model_validate(values)
    assert refusal_words(raised.value) == (tuple(place.split(".")) if place else (), words)


def test_a_missing_value_is_said_to_be_missing():
    class Needs(BaseModel):
        name: str

    with pytest.raises(ValidationError) as raised:
        Needs.model_validate({})
    assert refusal_words(raised.value) == (("name",), "it is missing")
