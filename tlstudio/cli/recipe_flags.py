"""The flags of `train` that make a recipe; those of strategies come from their specs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from tlstudio.cli.given import given_number, given_path, given_text, given_whole
from tlstudio.core.dataset import LayoutChoice
from tlstudio.core.errors import UserError
from tlstudio.core.events import WarningRaised
from tlstudio.core.text_files import parse_json, read_text
from tlstudio.data.tables.further_columns import names_of, text_of
from tlstudio.operations.context import Context
from tlstudio.project.runs import RunFolder
from tlstudio.specs import CHOOSE_FOR_ME, STRATEGIES, default_strategy
from tlstudio.specs.recipe import Recipe, build_recipe, read_recipe
from tlstudio.specs.spec import InputSpec, StrategySpec
from tlstudio.specs.validation_words import refusal_words

NO_CLASSES = (
    ".csv",
    ".tsv",
    ".json",
    ".jsonl",
    ".xlsx",
    ".xls",
    ".ods",
    ".xml",
    ".yaml",
    ".yml",
    ".pdf",
    ".docx",
)
"""Endings of files that hold tables and documents."""
CLASSES_FILE = "Give a text file with one class per line, or the classes themselves with commas between them."


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add every flag that changes the recipe."""
    parser.add_argument("--recipe", type=given_path, metavar="FILE")
    parser.add_argument("--backbone", type=given_text, metavar="ID")
    parser.add_argument("--weights", type=given_text, metavar="FILE", help="pretrained weights from a file")
    choices = ", ".join([*STRATEGIES.ids(), CHOOSE_FOR_ME.id])
    parser.add_argument("--strategy", type=given_text, metavar="ID", help=f"one of {choices}")
    parser.add_argument(
        "--set",
        action="append",
        metavar="NAME=VALUE",
        help="an option of the strategy; `tlstudio strategies` lists them",
    )
    parser.add_argument(
        "--freeze", type=given_text, metavar="head|none|auto|STAGE", help="first stage that trains"
    )
    for flag, (input_spec, takers) in _input_flags().items():
        parser.add_argument(
            flag,
            type=given_text,
            metavar=input_spec.kind.upper(),
            help=f"{input_spec.help} (for {', '.join(takers)})",
        )
    parser.add_argument(
        "--budget",
        type=given_number,
        metavar="SECONDS",
        help=f"with --strategy {CHOOSE_FOR_ME.id}: try other settings too, but nothing more after this time",
    )
    parser.add_argument("--epochs", type=given_whole, metavar="N")
    parser.add_argument("--seed", type=given_whole, metavar="N")
    parser.add_argument("--validation", type=given_number, metavar="F", help="share of the images, may be 0")
    parser.add_argument("--test", type=given_number, metavar="F", help="share of the images, may be 0")
    parser.add_argument(
        "--groups", type=given_text, metavar="COLUMN|REGEX", help="images that stay on one side of the split"
    )
    parser.add_argument(
        "--values",
        type=given_text,
        metavar="WINDOW",
        help="values that become black and white in images with more than 8 bits: data-set (the same for "
        "all, found from all), image (each by itself), full (all the numbers can hold), or LOW:HIGH",
    )
    parser.add_argument(
        "--channels",
        type=given_text,
        metavar="A,B,C",
        help="channels of a stack that are seen, up to three, counted from 1",
    )
    parser.add_argument(
        "--groups-partial", action="store_true", default=None, help="images may be without a group"
    )
    add_reading_flags(parser, several=True)
    parser.add_argument("--device", type=given_text, metavar="D", help="auto, cpu, cuda or mps")


def add_reading_flags(parser: argparse.ArgumentParser, *, several: bool = False) -> None:
    """Add the flags that say how folders and tables are understood.

    Args:
        parser: Gets the flags.
        several: Whether several label columns may be named.
    """
    parser.add_argument(
        "--layout",
        choices=get_args(LayoutChoice),
        help="which folders are classes: recognised (auto), those directly in FOLDER, or the innermost",
    )
    parser.add_argument(
        "--columns",
        type=given_text,
        metavar="A,B" if several else "NAME",
        help="column of the table that gives the classes"
        + ("; several are learned together" if several else "")
        + "; a name with a comma stands in quotation marks within the argument",
    )


def recipe_from(options: argparse.Namespace) -> Recipe:
    """Build the recipe from the recipe file, if any, and the flags, which override it.

    A freeze line below the head without `--strategy` chooses the usual strategy that trains stages.

    Raises:
        UserError: A wrong setting, an option or an input that the strategy does not have, or one missing.
    """
    values = (read_recipe(options.recipe) if options.recipe else Recipe()).model_dump(mode="json")
    if options.strategy == CHOOSE_FOR_ME.id:
        if options.freeze not in (None, "auto"):
            raise UserError(
                f"--strategy {CHOOSE_FOR_ME.id} chooses the freeze line itself.",
                mend="Leave out --freeze, or name a strategy.",
            )
        options.strategy, options.freeze = None, "auto"
        if options.backbone is None and options.weights is None and not options.recipe:
            values["backbone"]["compared"] = True
    label_column, further = _columns(options)
    if options.strategy is None and options.freeze not in (None, "head"):
        options.strategy = default_strategy(trains_stages=True).id
    flat = {"strategy": options.strategy, "freeze": options.freeze, "epochs": options.epochs}
    flat |= {"seed": options.seed, "device": options.device}
    flat |= {"layout": options.layout, "label_column": label_column, "budget_seconds": options.budget}
    if options.strategy not in (None, values["strategy"]):
        # These belong to the strategy of the recipe file, or were chosen for it.
        values |= {"strategy_options": {}, "inputs": {}, "learns_from": "train"}
        values["optimiser"]["averaging"] = 0.0
    values |= {key: value for key, value in flat.items() if value is not None}
    nested = {
        "backbone": {"id": options.backbone, "weights_file": options.weights},
        "split": {
            "validation": options.validation,
            "test": options.test,
            "groups": options.groups,
            "groups_partial": options.groups_partial,
        },
    }
    nested["values"] = {**_window(options.values), "channels": _channels(options.channels)}
    for section, settings in nested.items():
        values[section] |= {key: value for key, value in settings.items() if value is not None}
    if options.budget is not None and options.budget <= 0:
        raise UserError(f"--budget {options.budget:g} is no time to try.", mend="Give more than 0 seconds.")
    if options.budget is not None and values["freeze"] != "auto" and not options.resume:
        raise UserError(
            "--budget is the time for trying, but nothing is tried here.",
            mend=f"Leave it out, or let the data choose with --strategy {CHOOSE_FOR_ME.id}.",
        )
    spec = _strategy(str(values["strategy"]))
    is_tried = spec.tried_automatically and spec.trains_stages
    if options.strategy is not None and values["freeze"] == "auto" and not (is_tried or options.resume):
        line = "STAGE" if spec.trains_stages else "head"
        raise UserError(
            f"--freeze auto chooses between freeze lines itself, so --strategy {spec.id} has no meaning.",
            mend=f"Leave out --strategy, or name the line: --freeze {line}.",
        )
    if spec.needs_stages and options.freeze == "head" and not options.resume:
        raise UserError(
            f"The strategy {spec.id} trains stages, but --freeze head lets none learn.",
            mend="Leave out --freeze, then the top stages learn, or name the first stage that shall.",
        )
    values["strategy_options"] = _options(spec, values["strategy_options"], texts=options.set or [])
    values["inputs"] = _inputs(spec, values["inputs"], options, further=further)
    return build_recipe(values, source="the command line")


def warn_about_unused(options: argparse.Namespace, recipe: Recipe, context: Context) -> None:
    """Warn about flags that differ from the settings of the run to resume, which keeps its own."""
    file = RunFolder(options.run.resolve()).recipe
    if not file.exists():
        return
    own, requested = _settings_by_flag(read_recipe(file)), _settings_by_flag(recipe)
    set_flags = [flag for flag in requested if options.recipe or _flag_value(options, flag) is not None]
    unused = [flag for flag in set_flags if requested[flag] not in (own[flag], "auto")]
    if recipe.freeze == "auto" and "--strategy" in unused:
        unused.remove("--strategy")  # the run has chosen its strategy itself
    if unused:
        message = f"The run continues with its own settings; not used: {', '.join(unused)}."
        context.emit(WarningRaised(run_id=context.run_id, code="other-settings", message=message))


def _settings_by_flag(recipe: Recipe) -> dict[str, Any]:
    return {
        **{f"--{name}": getattr(recipe, name) for name in ("strategy", "freeze", "epochs", "seed", "device")},
        **{f"--{name}": getattr(recipe.split, name) for name in ("validation", "test", "groups")},
        "--budget": recipe.budget_seconds,
        "--values": (recipe.values.window, recipe.values.low, recipe.values.high),
        "--channels": recipe.values.channels,
        "--groups-partial": recipe.split.groups_partial,
        "--layout": recipe.layout,
        "--columns": (recipe.label_column, recipe.inputs.get(_columns_input().id)),
        "--backbone": recipe.backbone.id,
        "--weights": recipe.backbone.weights_file,
        "--set": recipe.strategy_options,
        **{flag: recipe.inputs.get(input_spec.id) for flag, (input_spec, _) in _input_flags().items()},
    }


def _flag_value(options: argparse.Namespace, flag: str) -> Any:
    return getattr(options, flag.removeprefix("--").replace("-", "_"))


def _window(text: str | None) -> dict[str, Any]:
    """The settings of a window of values, from `--values`."""
    if text is None:
        return {}
    low, colon, high = text.partition(":")
    if not colon:
        return {"window": text}
    try:
        return {"window": "given", "low": float(low), "high": float(high)}
    except ValueError:
        raise UserError(
            f"--values {text} is no pair of numbers.",
            mend="Give the value for black and the one for white, as in --values 100:4095.",
        ) from None


def _channels(text: str | None) -> list[int] | None:
    """The numbers of channels, from `--channels`."""
    try:
        return None if text is None else [int(part) for part in text.split(",")]
    except ValueError:
        raise UserError(
            f"--channels {text} is no list of channels.", mend="Give numbers, as in --channels 1,3."
        ) from None


def _strategy(strategy_id: str) -> StrategySpec:
    if strategy_id not in STRATEGIES:
        raise UserError(
            f"There is no strategy “{strategy_id}”.",
            mend=f"Choose one of {', '.join([*STRATEGIES.ids(), CHOOSE_FOR_ME.id])}.",
        )
    return STRATEGIES.get(strategy_id)


def _options(spec: StrategySpec, values: dict[str, Any], *, texts: list[str]) -> dict[str, Any]:
    """The options of a strategy: those of the recipe, overridden by `NAME=VALUE` texts."""
    known = list(spec.options.model_fields)
    mend = (
        f"The options of {spec.id} are {', '.join(known)}."
        if known
        else f"The strategy {spec.id} has no options."
    )
    values = dict(values)
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or name not in known:
            raise UserError(f"--set {text} names no option as NAME=VALUE.", mend=mend)
        values[name] = _parsed(spec.options, values, name=name, text=value)
    try:
        return spec.options.model_validate(values).model_dump(mode="json")
    except ValidationError as error:
        place, words = refusal_words(error)
        option = f"The option {'.'.join(place)}" if place else "The options"
        raise UserError(f"{option} of {spec.id}: {words}.", mend=mend) from error


def _parsed(options: type[BaseModel], values: dict[str, Any], *, name: str, text: str) -> Any:
    """Parse the value of an option: the text itself where that is valid, else JSON, e.g. a list or null."""
    try:
        options.model_validate({**values, name: text})
    except ValidationError as error:
        if any(part["loc"][:1] == (name,) for part in error.errors()):
            try:
                return parse_json(text)
            except ValueError:
                return text
    return text


def _input_flags() -> dict[str, tuple[InputSpec, list[str]]]:
    """The input that each flag gives, and the ids of the strategies that take it."""
    flags: dict[str, tuple[InputSpec, list[str]]] = {}
    for spec in STRATEGIES:
        for input_spec in spec.inputs:
            if input_spec is spec.columns_input:  # its flag also names the column of the classes
                continue
            flags.setdefault(input_spec.flag, (input_spec, []))[1].append(spec.id)
    return flags


def _columns(options: argparse.Namespace) -> tuple[str | None, str | None]:
    """The column of the classes and the further ones, from `--columns`.

    Several names without a strategy choose the one that learns several columns. With that strategy, a single
    name is a further column: the classes are those that are found without it.

    Raises:
        UserError: Several names for a strategy that learns one column.
    """
    if options.columns is None:
        return None, None
    names = names_of(options.columns)
    takers = [spec.id for spec in STRATEGIES if spec.columns_input is not None]
    if options.freeze == "auto" and len(names) > 1:
        raise UserError(
            f"--columns {options.columns} names several columns, but a freeze line is chosen for one only.",
            mend="Name one column, or give the freeze line: --freeze head, or a stage.",
        )
    if options.strategy is None and len(names) > 1:
        options.strategy = takers[0]
    if options.strategy in takers:
        return (names[0] if len(names) > 1 else None), text_of(names[1:] or names)
    if len(names) > 1 and not options.resume:
        raise UserError(
            f"--columns {options.columns} names several columns, but {options.strategy} learns one.",
            mend=f"Name one, or choose a strategy that learns several: {', '.join(takers)}.",
        )
    return (names[0] if names else options.columns), None


def _columns_input() -> InputSpec:
    """The input that `--columns` gives besides the column of the classes."""
    return next(spec.columns_input for spec in STRATEGIES if spec.columns_input is not None)


def _inputs(
    spec: StrategySpec, values: dict[str, str], options: argparse.Namespace, *, further: str | None
) -> dict[str, str]:
    """The inputs of a strategy: those of the recipe, overridden by flags."""
    own = {input_spec.flag: input_spec for input_spec in spec.inputs}
    values = dict(values)
    if further is not None and spec.columns_input is not None:
        values[spec.columns_input.id] = further
    for flag, (_, takers) in _input_flags().items():
        text = _flag_value(options, flag)
        if text is None:
            continue
        if flag not in own:
            raise UserError(
                f"The strategy {spec.id} does not take {flag}.",
                mend=f"Leave it out, or choose a strategy that does: {', '.join(takers)}.",
            )
        values[own[flag].id] = _input_value(own[flag], text)
    for flag, input_spec in own.items():
        if input_spec.must_be_given and input_spec.id not in values and not options.resume:
            raise UserError(f"The strategy {spec.id} needs {flag}.", mend=input_spec.help)
    return values


def _input_value(input_spec: InputSpec, text: str) -> str:
    """The value of an input: an absolute path, a text, or the content of a text file of that name."""
    if input_spec.kind in ("folder", "images", "run"):
        return str(Path(text).resolve())
    if input_spec.kind == "classes":
        _refuse_other_file(text)
    if input_spec.kind in ("text", "classes") and _is_file(text):
        try:
            return read_text(Path(text)).strip()
        except UnicodeDecodeError as error:
            raise UserError(f"{text} is not a text file in UTF-8.", mend="Save it as UTF-8.") from error
    return text


def _refuse_other_file(text: str) -> None:
    """Refuse the name of a file that holds a table or a document, or of a list that is not there."""
    ending = Path(text).suffix.lower() if "\n" not in text else ""
    if ending in NO_CLASSES and _is_file(text):
        raise UserError(
            f"{text} is no list of classes in words, as its ending {ending} says.", mend=CLASSES_FILE
        )
    if ending in (*NO_CLASSES, ".txt") and not _is_file(text) and not set(text) & set(",:;"):
        raise UserError(f"There is no file {text}.", mend=CLASSES_FILE)


def _is_file(text: str) -> bool:
    """Return whether a text names a file; one that cannot be a name, e.g. because of its length, does not."""
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False
