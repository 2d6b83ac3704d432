"""`tlstudio project new`: makes a project of a folder of images."""

from __future__ import annotations

import argparse
from typing import Any

from tlstudio.cli.command import Command
from tlstudio.cli.given import given_path
from tlstudio.cli.zip_files import unpacked
from tlstudio.core.visible import visible
from tlstudio.core.wording import count
from tlstudio.operations.context import Context
from tlstudio.operations.run import run_operation
from tlstudio.specs.operations.new_project import SPEC, NewProjectArguments


def _add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("new",), help="what to do: make a new project")
    parser.add_argument("folder", type=given_path, metavar="DATA", help="a folder of images, or a zip file")
    parser.add_argument(
        "--out", type=given_path, required=True, metavar="DIR", help="folder of the new project"
    )
    parser.add_argument(
        "--ignore-labels",
        action="store_true",
        help="folders and tables give no classes: all images are still to be labelled",
    )


def _run(options: argparse.Namespace, context: Context) -> dict[str, Any]:
    arguments = NewProjectArguments(
        folder=unpacked(options.folder, context), out=options.out, ignore_labels=options.ignore_labels
    )
    return run_operation(SPEC.id, arguments, context=context)


def _describe(value: dict[str, Any]) -> str:
    lines = [
        f"{visible(value['project'])}: {count(value['images'], 'image')}, {value['labelled']} with a label, "
        f"{count(len(value['classes']), 'class', plural='classes')}"
    ]
    if value["problems"]:
        unused = count(value["problems"], "file")
        lines.append(f"{unused} could not be used; `tlstudio check` names them with their reasons.")
    return "\n".join(lines)


COMMAND = Command(summary=SPEC.summary, add_flags=_add_flags, run=_run, describe=_describe)
