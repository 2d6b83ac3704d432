"""`tlstudio backbones`: lists the backbones."""

from __future__ import annotations

import argparse
from typing import Any

from tlstudio.cli.command import Command
from tlstudio.operations.context import Context
from tlstudio.operations.run import run_operation
from tlstudio.specs.operations.backbones import SPEC, BackbonesArguments


def _add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--offline", action="store_true", help="only those that need no download")


def _run(options: argparse.Namespace, context: Context) -> list[dict[str, Any]]:
    arguments = BackbonesArguments(offline=options.offline)
    backbones: list[dict[str, Any]] = run_operation(SPEC.id, arguments, context=context)["backbones"]
    return backbones


def _describe(value: list[dict[str, Any]]) -> str:
    width = max((len(row["id"]) for row in value), default=0)
    return "\n".join(
        f"{row['id']:<{width}}  {row['parameters'] / 1e6:6.1f} M  {row['detail']}" for row in value
    )


COMMAND = Command(summary=SPEC.summary, add_flags=_add_flags, run=_run, describe=_describe)
