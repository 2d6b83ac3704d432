"""`tlstudio strategies`: lists the strategies."""

from __future__ import annotations

import argparse
from typing import Any

from tlstudio.cli.command import Command
from tlstudio.operations.context import Context
from tlstudio.operations.run import run_operation
from tlstudio.specs.operations.strategies import SPEC
from tlstudio.specs.spec import NoArguments


def _add_flags(parser: argparse.ArgumentParser) -> None:
    """Add nothing: the command takes no arguments."""


def _run(options: argparse.Namespace, context: Context) -> list[dict[str, Any]]:
    strategies: list[dict[str, Any]] = run_operation(SPEC.id, NoArguments(), context=context)["strategies"]
    return strategies


def _describe(value: list[dict[str, Any]]) -> str:
    lines = []
    for row in value:
        lines += [f"{row['id']}: {row['title']}", f"    {row['summary']}"]
        lines += [f"    {wanted['flag']}: {wanted['help']}" for wanted in row["inputs"]]
        for option in row["options"]:
            default = "" if option["default"] is None else f", {option['default']} when left out"
            lines.append(f"    --set {option['name']}=… ({option['type']}{default}): {option['help']}")
    return "\n".join(lines)


COMMAND = Command(summary=SPEC.summary, add_flags=_add_flags, run=_run, describe=_describe)
