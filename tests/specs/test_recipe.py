"""Reading and validating recipes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.core.errors import UserError
from tlstudio.specs.recipe import AugmentationSettings, Recipe, build_recipe, parse_recipe, read_recipe


@given(
    st.builds(
        Recipe, epochs=st.integers(1, 99), seed=st.integers(0, 99), freeze=st.sampled_from(["head", "none"])
    )
)
def test_a_recipe_is_read_back_from_its_json(recipe):
    assert parse_recipe(recipe.model_dump_json()) == recipe


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("{", "line 1"),
        ("[]", "object"),
        ('{"schema_version": 99}', "newer"),
        ('{"schema_version": "a"}', "newer"),
        ('{"epochs": 0}', "epochs"),
        ('{"split": {"validation": 1.5}}', "split.validation"),
        ('{"spelled_wrong": 1}', "spelled_wrong"),
        ('{"optimiser": {"learning_rate_head": NaN}}', "learning_rate_head"),
    ],
)
def test_errors_name_the_wrong_setting(text, word):
    with pytest.raises(UserError) as raised:
        parse_recipe(text)
    assert word in raised.value.what
    assert raised.value.mend


def test_missing_settings_take_their_defaults():
    assert build_recipe({"seed": 3}) == Recipe(seed=3)


def test_a_recipe_of_version_1_reads_folders_and_groups_as_it_did():
    old = build_recipe({"schema_version": 1, "seed": 3, "split": {"groups": "p[0-9]"}})
    assert (old.layout, old.split.groups, old.split.groups_partial) == ("top", "p[0-9]", True)
    assert (Recipe().layout, Recipe().split.groups_partial) == ("auto", False)


def test_the_last_epoch_is_kept_unless_the_recipe_says_otherwise():
    assert build_recipe({"strategy": "fine-tune"}).kept_epoch == "last"
    assert build_recipe({"strategy": "fine-tune", "kept_epoch": "best"}).kept_epoch == "best"
    assert build_recipe({"schema_version": 1, "strategy": "fine-tune"}).kept_epoch == "best"


@pytest.mark.parametrize(
    ("version", "said", "refits"), [(1, {}, False), (2, {}, False), (2, {"refit_head": True}, True)]
)
def test_an_older_recipe_fits_the_head_anew_only_where_it_says_so(version, said, refits):
    old = build_recipe({"schema_version": version, "strategy": "fine-tune", **said})
    assert old.strategy_options == {"refit_head": refits}
    assert build_recipe({"schema_version": 2, **said}).strategy_options == {}
    assert build_recipe({"strategy": "fine-tune"}).strategy_options == {}, "takes the default of today"


def test_a_version_2_recipe_whose_options_are_no_object_is_refused():
    with pytest.raises(UserError, match="strategy_options"):
        build_recipe({"schema_version": 2, "strategy": "fine-tune", "strategy_options": 3})


def test_a_binary_file_is_no_recipe(tmp_path):
    (tmp_path / "r").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="text"):
        read_recipe(tmp_path / "r")


def test_no_flip_when_flipping_changes_the_meaning():
    settings = AugmentationSettings(flip_vertical=True, flip_changes_meaning=True)
    assert not settings.flips_horizontally
    assert not settings.flips_vertically
