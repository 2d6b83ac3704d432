"""`tlstudio check`: runs the data checks on a folder."""

from __future__ import annotations

import argparse
from typing import Any

from tlstudio.cli.command import Command
from tlstudio.cli.given import given_path, given_text
from tlstudio.cli.recipe_flags import add_reading_flags
from tlstudio.cli.zip_files import unpacked
from tlstudio.core.visible import visible
from tlstudio.operations.context import Context
from tlstudio.operations.run import run_operation
from tlstudio.specs.operations.check import SPEC, CheckArguments


def _add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", type=given_path, help="images in folders or loose, a table of them, or a zip file"
    )
    add_reading_flags(parser)
    parser.add_argument(
        "--groups", type=given_text, metavar="COLUMN|REGEX", help="images that belong together"
    )


def _run(options: argparse.Namespace, context: Context) -> dict[str, Any]:
    arguments = CheckArguments(
        folder=unpacked(options.folder, context),
        groups=options.groups,
        layout=options.layout or "auto",
        label_column=options.columns,
    )
    return run_operation(SPEC.id, arguments, context=context)


def _describe(value: dict[str, Any]) -> str:
    lines = [f"{value['images']} usable images in {len(value['classes'])} classes"]
    lines += [f"  {visible(name)}: {count}" for name, count in value["classes"].items()]
    for finding in value["findings"]:
        lines.append(f"[{finding['severity']}] {visible(finding['message'])}")
        lines += [f"    {visible(path)}" for path in finding["paths"]]
    return "\n".join(lines)


COMMAND = Command(summary=SPEC.summary, add_flags=_add_flags, run=_run, describe=_describe)
