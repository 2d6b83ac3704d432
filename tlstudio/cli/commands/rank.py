"""`tlstudio rank`: says that it is not part of this version."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn

from tlstudio.cli.command import Command
from tlstudio.core.errors import UserError
from tlstudio.operations.context import Context


def _add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path)
    parser.add_argument("--backbones", metavar="A,B")


def _run(options: argparse.Namespace, context: Context) -> NoReturn:
    raise UserError(
        "Ranking backbones is not part of this version yet.",
        mend="Train with two of them (`--backbone ID`) and compare the accuracies and their intervals.",
    )


COMMAND = Command(
    summary="measure backbones on these images and this computer",
    add_flags=_add_flags,
    run=_run,
    describe=str,
)
