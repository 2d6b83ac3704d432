"""`tlstudio find-rate`: finds a learning rate for fine-tuning."""

from __future__ import annotations

import argparse
from typing import Any

from tlstudio.cli import recipe_flags
from tlstudio.cli.command import Command
from tlstudio.cli.given import given_path
from tlstudio.cli.zip_files import unpacked
from tlstudio.core.wording import count
from tlstudio.operations.context import Context
from tlstudio.operations.run import run_operation
from tlstudio.specs.operations.find_rate import SPEC, FindRateArguments


def _add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", type=given_path, help="one sub-folder per class, a table of images, or a zip file"
    )
    recipe_flags.add_flags(parser)
    parser.set_defaults(resume=False)


def _run(options: argparse.Namespace, context: Context) -> dict[str, Any]:
    recipe = recipe_flags.recipe_from(options)
    arguments = FindRateArguments(folder=unpacked(options.folder, context), recipe=recipe)
    return run_operation(SPEC.id, arguments, context=context)


def _describe(value: dict[str, Any]) -> str:
    lines = [f"{value['sentence']} (Rates of the top stage; tried on {count(value['images'], 'image')}.)"]
    if value["suggestion"] is not None:
        stages, head = (f"{value['suggestion'][part]:.5f}".rstrip("0") for part in ("stages", "head"))
        lines.append(
            f'To train with it, set "learning_rate_stages": {stages} and "learning_rate_head": {head} under '
            '"optimiser" in a recipe, and give that with --recipe.'
        )
    return "\n".join(lines)


COMMAND = Command(summary=SPEC.summary, add_flags=_add_flags, run=_run, describe=_describe)
