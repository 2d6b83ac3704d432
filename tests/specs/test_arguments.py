"""Arguments of operations pass through JSON."""

import pytest
from pydantic import ValidationError

from tlstudio.core.errors import UserError
from tlstudio.specs.arguments import OperationArguments, RecipeArgument
from tlstudio.specs.recipe import Recipe


class Arguments(OperationArguments):
    recipe: RecipeArgument


def test_a_recipe_is_given_as_itself_or_as_plain_values():
    recipe = Recipe(seed=3)
    assert Arguments(recipe=recipe).recipe == recipe
    assert Arguments.model_validate({"recipe": {"seed": 3}}).recipe == recipe
    assert Arguments.model_validate_json(Arguments(recipe=recipe).model_dump_json()).recipe == recipe


def test_a_wrong_setting_is_an_error_to_mend_and_an_unknown_argument_a_fault():
    with pytest.raises(UserError, match="seed"):
        Arguments.model_validate({"recipe": {"seed": -1}})
    with pytest.raises(ValidationError):
        Arguments.model_validate({"recipe": {}, "other": 1})
