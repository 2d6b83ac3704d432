"""Base and shared types of operations' arguments: plain values that pass through JSON."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from tlstudio.specs.recipe import Recipe, build_recipe


class OperationArguments(BaseModel):
    """Base of all arguments: immutable, unknown names refused. On its own: no arguments."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _as_recipe(value: Any) -> Any:
    return build_recipe(value) if isinstance(value, dict) else value


RecipeArgument = Annotated[Recipe, BeforeValidator(_as_recipe)]
"""A recipe, or the plain values of one of this or an older version; a wrong setting raises `UserError`."""
