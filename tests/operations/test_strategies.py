"""Listing the strategies with their options."""

from typing import Literal

from pydantic import BaseModel, Field

from tlstudio.operations.strategies import describe_options
from tlstudio.specs import STRATEGIES
from tlstudio.specs.spec import NoOptions


class Options(BaseModel):
    neighbours: int = Field(5, ge=1, description="How many count.")
    metric: Literal["cosine", "euclidean"] = "cosine"
    temperature: float | None = Field(None, title="Temperature")
    normalise: bool = True
    name: str


def test_every_strategy_is_listed_with_the_fixed_keys(do):
    rows = do("strategies")["strategies"]
    assert [row["id"] for row in rows] == STRATEGIES.ids()
    for row in rows:
        assert list(row) == ["id", "title", "summary", "inputs", "options"]
        assert row["summary"]


def test_options_are_described_by_name_type_default_and_help():
    assert describe_options(Options) == [
        {"name": "neighbours", "type": "integer", "default": 5, "help": "How many count."},
        {"name": "metric", "type": "cosine | euclidean", "default": "cosine", "help": ""},
        {"name": "temperature", "type": "number | null", "default": None, "help": "Temperature"},
        {"name": "normalise", "type": "boolean", "default": True, "help": ""},
        {"name": "name", "type": "string", "default": None, "help": ""},
    ]
    assert describe_options(NoOptions) == []
