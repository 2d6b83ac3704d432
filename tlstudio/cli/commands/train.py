"""`tlstudio train`: trains a classifier."""

from __future__ import annotations

import argparse
from typing import Any

from tlstudio.cli import recipe_flags
from tlstudio.cli.command import Command
from tlstudio.cli.figures_text import accuracy_text
from tlstudio.cli.given import given_path
from tlstudio.cli.zip_files import unpacked
from tlstudio.core.visible import visible
from tlstudio.operations.context import Context
from tlstudio.operations.run import run_operation
from tlstudio.project.runs import RunFolder
from tlstudio.specs.operations.train import SPEC, TrainArguments


def _add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", type=given_path, help="one sub-folder per class, a table of images, or a zip file"
    )
    parser.add_argument("--run", type=given_path, required=True, metavar="DIR", help="where the run is kept")
    recipe_flags.add_flags(parser)
    parser.add_argument("--resume", action="store_true", help="continue an interrupted run")


def _run(options: argparse.Namespace, context: Context) -> dict[str, Any]:
    recipe = recipe_flags.recipe_from(options)
    if options.resume:
        recipe_flags.warn_about_unused(options, recipe, context)
    folder = unpacked(options.folder, context)
    arguments = TrainArguments(folder=folder, run=options.run, recipe=recipe, resume=options.resume)
    return run_operation(SPEC.id, arguments, context=context)


def describe(value: dict[str, Any]) -> str:
    """Put the fixed object of `train --json` into words."""
    images = value["images"]
    lines = [
        f"Classes: {visible(', '.join(value['classes']))}",
        f"Images: train {images['train']}, validation {images['validation']}, test {images['test']}, "
        f"not used {images['skipped']}",
        *(
            f"{side.capitalize()}{name}: {accuracy_text(figures[side])}"
            for name, figures in _columns(value).items()
            for side in ("validation", "test")
        ),
        *(f"Note: {visible(warning)}" for warning in value["warnings"]),
        f"Run: {value['run']} ({value['status']}, {value['seconds']['total']:.1f} s)",
    ]
    return "\n".join(lines)


def _columns(value: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The figures of each label column, by the words for it; there are none for an only one."""
    columns = value.get("columns")
    return {f" of {visible(name)}": figures for name, figures in columns.items()} if columns else {"": value}


COMMAND = Command(
    summary=SPEC.summary,
    add_flags=_add_flags,
    run=_run,
    describe=describe,
    resume_hint="Continue with --resume.",
    can_resume=lambda options: RunFolder(options.run.resolve()).recipe.exists(),
)
