"""Flags become a recipe; what does not fit is told in one line."""

import json
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from tlstudio import specs
from tlstudio.cli.parser import build_parser
from tlstudio.cli.recipe_flags import recipe_from, warn_about_unused
from tlstudio.core.errors import UserError
from tlstudio.operations.context import Context
from tlstudio.specs.spec import InputSpec, StrategySpec


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")

    neighbours: int = Field(5, ge=1)
    metric: Literal["cosine", "euclidean"] = "cosine"
    names: tuple[str, ...] = ()
    normalise: bool = True


TOY = StrategySpec(
    id="toy",
    title="Toy",
    short="toy",
    report="A toy.",
    trains_stages=False,
    options=Options,
    inputs=(
        InputSpec(id="unlabelled", title="More", help="A second folder.", kind="images", flag="--unlabelled"),
        InputSpec(id="words", title="Words", help="Words.", kind="text", flag="--words", required=False),
    ),
)


@pytest.fixture
def toy(monkeypatch):
    """A strategy with options and inputs, registered for one test."""
    monkeypatch.setattr(specs.STRATEGIES, "_found", {spec.id: spec for spec in (*specs.STRATEGIES, TOY)})


def recipe(*flags):
    """The recipe that flags of `train` make."""
    return recipe_from(build_parser().parse_args(["train", "images", "--run", "run", *map(str, flags)]))


def test_without_flags_the_recipe_has_its_defaults():
    made = recipe()
    assert made.strategy in specs.STRATEGIES
    assert (made.strategy_options, made.inputs) == ({}, {})


@pytest.mark.parametrize("freeze", ["none", "auto", "blocks.4"])
def test_a_freeze_line_alone_chooses_the_strategy_that_trains_stages(freeze):
    made = recipe("--freeze", freeze)
    assert (made.strategy, made.freeze) == ("fine-tune", freeze)
    assert recipe("--freeze", "head").strategy == "linear-probe"


def test_auto_is_to_choose_for_me():
    chosen, line = recipe("--strategy", "auto"), recipe("--freeze", "auto")
    assert chosen.backbone.compared
    assert chosen == line.model_copy(update={"backbone": chosen.backbone})
    named = recipe("--strategy", "auto", "--backbone", "efficientnet_lite0")
    assert named == line, "a backbone that is named stays"
    with pytest.raises(UserError, match="chooses the freeze line itself"):
        recipe("--strategy", "auto", "--freeze", "none")


def test_a_budget_is_for_choosing():
    assert recipe("--strategy", "auto", "--budget", "60").budget_seconds == 60
    with pytest.raises(UserError, match="nothing is tried here"):
        recipe("--budget", "60")
    with pytest.raises(UserError, match="--budget 0 is no time") as refused:
        recipe("--strategy", "auto", "--budget", "0")
    assert refused.value.mend == "Give more than 0 seconds."


def test_options_are_converted_and_completed(toy, tmp_path):
    flags = ["--strategy", "toy", "--unlabelled", tmp_path]
    made = recipe(*flags, "--set", "neighbours=7", "--set", 'names=["a", "b"]', "--set", "normalise=no")
    assert made.strategy_options == {
        "neighbours": 7,
        "metric": "cosine",
        "names": ["a", "b"],
        "normalise": False,
    }


@pytest.mark.parametrize("text", ["neighbours=0", "neighbours=many", "metric=city", "size=3", "neighbours"])
def test_a_wrong_option_lists_the_options(toy, tmp_path, text):
    with pytest.raises(UserError) as caught:
        recipe("--strategy", "toy", "--unlabelled", tmp_path, "--set", text)
    assert "neighbours, metric, names, normalise" in caught.value.mend


def test_a_strategy_without_options_takes_none():
    with pytest.raises(UserError) as caught:
        recipe("--set", "neighbours=3")
    assert "linear-probe has no options" in caught.value.mend


def test_inputs_are_stored_by_their_id(toy, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "words.txt").write_text("one\ntwo\n")
    made = recipe("--strategy", "toy", "--unlabelled", "more", "--words", "words.txt")
    assert made.inputs == {"unlabelled": str(tmp_path / "more"), "words": "one\ntwo"}
    assert recipe("--strategy", "toy", "--unlabelled", "more", "--words", "a,b").inputs["words"] == "a,b"
    long = "ant: an insect; " * 20
    assert recipe("--strategy", "toy", "--unlabelled", "more", "--words", long).inputs["words"] == long


def test_an_input_that_the_strategy_does_not_take_or_lacks_is_an_error(toy):
    with pytest.raises(UserError, match="linear-probe does not take --unlabelled") as caught:
        recipe("--unlabelled", "more")
    assert "toy" in caught.value.mend
    with pytest.raises(UserError, match="toy needs --unlabelled"):
        recipe("--strategy", "toy")


def test_inputs_and_options_that_a_resumed_run_does_not_use_are_named(toy, tmp_path):
    flags = ["--strategy", "toy", "--set", "neighbours=7"]
    (tmp_path / "recipe.json").write_text(
        recipe(*flags, "--unlabelled", "more").model_dump_json(), encoding="utf-8"
    )
    train = ["train", "images", "--run", str(tmp_path), "--resume", *flags]

    def warnings(*more: str) -> list[str]:
        events = []
        options = build_parser().parse_args([*train, *more])
        warn_about_unused(options, recipe_from(options), Context(run_id="job", emit=events.append))
        return [event.message for event in events]

    assert warnings("--unlabelled", "more") == []
    (message,) = warnings("--unlabelled", "other", "--set", "neighbours=8")
    assert message.endswith("not used: --set, --unlabelled.")


def test_a_resumed_run_that_chose_its_strategy_is_not_warned_about_it(tmp_path):
    (tmp_path / "recipe.json").write_text(recipe().model_dump_json(), encoding="utf-8")
    events = []
    options = build_parser().parse_args(
        ["train", "images", "--run", str(tmp_path), "--resume", "--strategy", "auto"]
    )
    warn_about_unused(options, recipe_from(options), Context(run_id="job", emit=events.append))
    assert events == []


def test_another_strategy_than_the_recipes_drops_its_options_and_inputs(toy, tmp_path):
    file = tmp_path / "recipe.json"
    made = recipe("--strategy", "toy", "--unlabelled", "more", "--set", "neighbours=7")
    file.write_text(made.model_dump_json(), encoding="utf-8")
    assert recipe("--recipe", file).strategy_options["neighbours"] == 7
    other = recipe("--recipe", file, "--strategy", "linear-probe")
    assert (other.strategy_options, other.inputs) == ({}, {})


def test_what_was_chosen_for_a_recipe_is_not_taken_to_another_strategy(tmp_path):
    file = tmp_path / "recipe.json"
    chosen = {"strategy": "fine-tune", "freeze": "blocks.4", "learns_from": "train+validation"}
    file.write_text(json.dumps({**chosen, "optimiser": {"averaging": 0.1}}), encoding="utf-8")
    for flags, kept in (
        ((), ("train+validation", 0.1)),
        (("--strategy", "fine-tune"), ("train+validation", 0.1)),
        (("--strategy", "linear-probe", "--freeze", "head"), ("train", 0.0)),
    ):
        made = recipe("--recipe", file, *flags)
        assert (made.learns_from, made.optimiser.averaging) == kept


@pytest.mark.parametrize(
    ("flags", "word"),
    [
        (("--weights", "nowhere.safetensors"), "nowhere.safetensors"),
        (("--backbone", "efficientnet_litle0"), "efficientnet_lite0"),
        (("--freeze", "blocks.99", "--strategy", "fine-tune"), "blocks.4"),
        (("--validation", "0.9", "--test", "0.9"), "test"),
        (("--epochs", "0"), "epochs"),
        (("--strategy", "magic"), "linear-probe"),
        (("--set", "k=3"), "no options"),
        (("--recipe", "nowhere.json"), "nowhere.json"),
        (("--groups", "no such column ("), "no such column ("),
        (("--backbone", "resnet18"), "weights"),
        (("--device", "abacus"), "abacus"),
        (("--strategy", "linear-probe", "--freeze", "blocks.4"), "fine-tune"),
        (("--strategy", "pretrain", "--freeze", "head"), "lets none learn"),
    ],
)
def test_wrong_settings_are_named(flags, word, call, photos, tmp_path):
    code, _, err = call("train", photos(), "--run", tmp_path / "run", *flags)
    assert code == 2, err
    assert word in err
    assert not (tmp_path / "run" / "metrics.json").exists()


def test_flags_that_a_resumed_run_does_not_use_are_named(trained, call):
    images, run, _ = trained
    seed = json.loads((run / "recipe.json").read_text(encoding="utf-8"))["seed"]
    flags = ("--seed", seed + 1, "--freeze", "blocks.6")
    code, _, err = call("train", images, "--run", run, "--resume", *flags)
    assert code == 0
    assert "not used: --strategy, --freeze, --seed" in err
    code, _, err = call("train", images, "--run", run, "--resume", "--seed", seed)
    assert code == 0
    assert "not used" not in err


def test_windows_of_values_and_channels():
    assert recipe().values.window == "data-set"
    assert recipe("--values", "image").values.window == "image"
    given = recipe("--values=-1000:3000.5", "--channels", "3,1").values
    assert (given.window, given.low, given.high, given.channels) == ("given", -1000, 3000.5, (3, 1))


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--values", "some"], "values.window"),
        (["--values", "a:b"], "no pair of numbers"),
        (["--values", "9:3"], "below the value for white"),
        (["--channels", "red"], "no list of channels"),
        (["--channels", "0,1"], "counted from 1"),
        (["--channels", "1,2,3,4"], "values.channels"),
    ],
)
def test_wrong_windows_and_channels_are_one_sentence(flags, words):
    with pytest.raises(UserError, match=words):
        recipe(*flags)


def test_several_columns_choose_the_strategy_that_learns_them():
    for flags in ([], ["--freeze", "blocks.4"], ["--strategy", "multi-task"]):
        made = recipe("--columns", 'garment, "size, in cm",age', *flags)
        assert (made.strategy, made.label_column) == ("multi-task", "garment")
        assert made.inputs == {"columns": '"size, in cm",age'}
    assert recipe("--columns", "a,b", "--freeze", "blocks.4").freeze == "blocks.4"


def test_a_single_column_beside_the_folders_is_a_further_one():
    made = recipe("--strategy", "multi-task", "--columns", "health")
    assert (made.label_column, made.inputs) == (None, {"columns": "health"})
    made = recipe("--columns", "species")
    assert (made.strategy, made.label_column, made.inputs) == (recipe().strategy, "species", {})


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (
            ["--strategy", "linear-probe", "--columns", "a,b"],
            "names several columns, but linear-probe learns one",
        ),
        (["--strategy", "auto", "--columns", "a,b"], "a freeze line is chosen for one only"),
        (["--freeze", "auto", "--columns", "a,b"], "a freeze line is chosen for one only"),
        (["--strategy", "multi-task"], "needs --columns"),
    ],
)
def test_several_columns_that_do_not_fit_are_refused(flags, words):
    with pytest.raises(UserError, match=words) as caught:
        recipe(*flags)
    assert caught.value.mend


@pytest.mark.parametrize("strategy", ["linear-probe", "adapt"])
def test_a_strategy_without_a_line_to_choose_is_refused_beside_auto(strategy, tmp_path):
    flags = ["--unlabelled", tmp_path] if strategy == "adapt" else []
    with pytest.raises(UserError, match=f"--strategy {strategy} has no meaning") as caught:
        recipe("--strategy", strategy, "--freeze", "auto", "--budget", "60", *flags)
    assert "--freeze head" in caught.value.mend
    assert recipe("--strategy", "fine-tune", "--freeze", "auto").freeze == "auto"


def test_a_file_that_is_no_list_of_classes_is_refused(tmp_path):
    table, words = tmp_path / "labels.csv", tmp_path / "classes.txt"
    table.write_text("image,label\na.jpg,ant\n")
    with pytest.raises(UserError, match=r"as its ending \.csv says"):
        recipe("--strategy", "zero-shot", "--classes", table)
    with pytest.raises(UserError, match="There is no file"):
        recipe("--strategy", "zero-shot", "--classes", words)
    words.write_text("ant: an insect\nbee\n")
    assert (
        recipe("--strategy", "zero-shot", "--classes", words).inputs["classes"] == words.read_text().strip()
    )
    assert recipe("--strategy", "zero-shot", "--classes", "ant, v1.txt").inputs["classes"] == "ant, v1.txt"
