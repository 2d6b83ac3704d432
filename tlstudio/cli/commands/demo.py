"""`tlstudio demo`: sample images → trained, evaluated, exported, report."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tlstudio.cli.command import Command
from tlstudio.cli.commands import export, train
from tlstudio.cli.given import given_path
from tlstudio.operations.context import Context
from tlstudio.operations.run import run_operation
from tlstudio.specs.operations.demo import SPEC, DemoArguments


def _add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=given_path, default=Path("demo-output"), metavar="DIR")


def _run(options: argparse.Namespace, context: Context) -> dict[str, Any]:
    return run_operation(SPEC.id, DemoArguments(out=options.out), context=context)


def _describe(value: dict[str, Any]) -> str:
    places = [f"{what.capitalize()}: {value[what]}" for what in ("images", "model", "report")]
    return "\n".join([train.describe(value["train"]), export.describe(value["export"]), *places])


COMMAND = Command(summary=SPEC.summary, add_flags=_add_flags, run=_run, describe=_describe, has_json=False)
