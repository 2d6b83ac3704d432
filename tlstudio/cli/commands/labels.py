"""`tlstudio labels`: brings labels into a project and out of it, counts them, and says what to label next."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tlstudio.cli.command import Command
from tlstudio.cli.given import given_path, given_whole
from tlstudio.core.errors import UserError
from tlstudio.core.percent import percent
from tlstudio.core.visible import visible
from tlstudio.core.wording import count
from tlstudio.operations.context import Context
from tlstudio.operations.run import run_operation
from tlstudio.specs.operations import export_labels, import_labels, label_status, next_labels

ORDERS = ("useful", "random", "path")
FLAGS = {"import": {"csv"}, "export": {"csv"}, "status": set(), "next": {"count", "order", "seed"}}
"""The flags of each action, by their names in the parsed options."""
NEEDED = {"import": "csv", "export": "csv", "next": "count"}
MOST_NAMED = 20


def _add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action", choices=tuple(FLAGS), help="read a table, write one, count, or choose what to label next"
    )
    parser.add_argument("project", type=given_path, metavar="PROJECT", help="folder of the project")
    parser.add_argument(
        "--csv", type=given_path, metavar="FILE", help="import, export: table with the columns image, label"
    )
    parser.add_argument("--count", type=given_whole, metavar="N", help="next: how many images")
    parser.add_argument(
        "--order", choices=ORDERS, help="next: those that teach most (the default), any, or by path"
    )
    parser.add_argument("--seed", type=given_whole, metavar="N", help="next: draws what is drawn")


def _run(options: argparse.Namespace, context: Context) -> Any:
    action, project = options.action, options.project
    given = {name for name in ("csv", "count", "order", "seed") if getattr(options, name) is not None}
    for name in sorted(given - FLAGS[action]):
        raise UserError(f"`labels {action}` has no --{name}.", mend=f"Leave --{name} out.")
    needed = NEEDED.get(action)
    if needed is not None and needed not in given:
        raise UserError(f"`labels {action}` needs --{needed}.", mend=f"Add --{needed}.")
    if action == "next":
        if options.count < 1:
            raise UserError("--count must be at least 1.", mend="Say how many images to choose.")
        if (options.seed or 0) < 0:
            raise UserError("--seed must not be negative.", mend="Give 0 or a larger whole number.")
        arguments = next_labels.NextLabelsArguments(
            project=project,
            count=options.count,
            order=options.order or ORDERS[0],
            seed=options.seed or 0,
        )
        return run_operation(next_labels.SPEC.id, arguments, context=context)["images"]
    return run_operation(*_of_table(action, project, options.csv), context=context)


def _of_table(action: str, project: Path, table: Path) -> tuple[str, Any]:
    if action == "import":
        return import_labels.SPEC.id, import_labels.ImportLabelsArguments(project=project, table=table)
    if action == "export":
        return export_labels.SPEC.id, export_labels.ExportLabelsArguments(project=project, table=table)
    return label_status.SPEC.id, label_status.LabelStatusArguments(project=project)


def _describe(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(map(_image_words, value)) or "All images have a label."
    if "file" in value:
        images = count(value["images"], "image")
        return f"{visible(value['file'])}: {images}, {value['labelled']} with a label"
    if "not_found" in value:
        lines = [f"{count(value['labelled'], 'image')} labelled; Undo in the window takes all back at once."]
        if value["not_found"]:
            are = count(len(value["not_found"]), "row names", plural="rows name")
            lines.append(f"{are} no image of the project:")
            lines += [f"    {visible(name)}" for name in value["not_found"][:MOST_NAMED]]
        return "\n".join(lines)
    lines = [f"{value['labelled']} of {count(value['images'], 'image')} labelled"]
    lines += [f"  {visible(name)}: {number}" for name, number in value["classes"].items()]
    return "\n".join(lines)


def _image_words(row: dict[str, Any]) -> str:
    if row["suggestion"] is None:
        return visible(row["path"])
    return f"{visible(row['path'])}  {visible(row['suggestion'])}? {percent(row['probability'])}"


COMMAND = Command(
    summary="read, write and count the labels of a project, and choose what to label next",
    add_flags=_add_flags,
    run=_run,
    describe=_describe,
)
