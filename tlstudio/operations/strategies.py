"""Lists the strategies."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from tlstudio.operations.context import Context, Values
from tlstudio.specs import STRATEGIES
from tlstudio.specs.spec import NoArguments


def strategies(arguments: NoArguments, context: Context) -> Values:
    """List the strategies: `{"strategies"}`, a list as fixed for `strategies --json`."""
    return {
        "strategies": [
            {
                "id": spec.id,
                "title": spec.title,
                "summary": spec.summary,
                "inputs": [wanted.model_dump(mode="json") for wanted in spec.inputs],
                "options": describe_options(spec.options),
            }
            for spec in STRATEGIES
        ]
    }


def describe_options(options: type[BaseModel]) -> list[dict[str, Any]]:
    """The options of a strategy: `[{"name", "type", "default", "help"}]`."""
    properties = options.model_json_schema()["properties"] if options.model_fields else {}
    return [
        {
            "name": name,
            "type": _type_name(properties[name]),
            "default": properties[name].get("default"),
            "help": field.description or field.title or "",
        }
        for name, field in options.model_fields.items()
    ]


def _type_name(schema: dict[str, Any]) -> str:
    """The JSON type, or the values to choose from: "integer", "number", "boolean", "string", "a | b"."""
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(_type_name(part) for part in schema["anyOf"])
    return str(schema.get("type", "any"))


IMPLEMENTATION = strategies
