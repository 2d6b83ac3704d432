"""`tlstudio compare`: compares runs on the test images that they have in common."""

from __future__ import annotations

import argparse
from typing import Any

from tlstudio.cli.command import Command
from tlstudio.cli.given import given_path
from tlstudio.core.visible import visible
from tlstudio.core.wording import count
from tlstudio.operations.context import Context
from tlstudio.operations.run import run_operation
from tlstudio.specs.operations.compare import SPEC, TOLD, CompareArguments


def _add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("first", type=given_path, metavar="RUN", help="the run that others are compared with")
    parser.add_argument(
        "others",
        type=given_path,
        nargs="+",
        metavar="RUN",
        help="a run to compare with it; differences are those of this one minus the first",
    )


def _run(options: argparse.Namespace, context: Context) -> dict[str, Any]:
    arguments = CompareArguments(runs=(options.first, *options.others))
    value = run_operation(SPEC.id, arguments, context=context)
    return _fixed(value) if options.json else value


def _fixed(value: dict[str, Any]) -> dict[str, Any]:
    """The fixed object: without what only people read."""
    fixed = {name: part for name, part in value.items() if name not in TOLD}
    if "columns" in fixed:
        fixed["columns"] = {name: _fixed(part) for name, part in fixed["columns"].items()}
    if "others" in fixed:
        fixed["others"] = [_fixed(part) for part in fixed["others"]]
    return fixed


def _describe(value: dict[str, Any]) -> str:
    return "\n\n".join("\n".join(_lines(one)) for one in (value, *value.get("others", ())))


def _lines(value: dict[str, Any]) -> list[str]:
    lines = []
    for name, column in value.get("columns", {"": value}).items():
        text = column["text"]
        images = f"the same {count(column['n'], 'test image')}"
        about = f" ({name})" if name else ""
        lines += [
            f"{text['second']} against {text['first']}{about}, on {images}:",
            f"  {text['figures']}: {text['accuracies']}",
            f"  {column['verdict']}",
            *(f"  {note}" for note in text["notes"]),
        ]
    nothing = "Nothing differs between their settings and data."
    lines.append("What differs:" if value["differences"] else nothing)
    lines += [f"  {row['setting']}: {row['first']} → {row['second']}" for row in value["differences"]]
    return [visible(line) for line in lines]


COMMAND = Command(summary=SPEC.summary, add_flags=_add_flags, run=_run, describe=_describe)
