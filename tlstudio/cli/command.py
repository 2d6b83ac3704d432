"""`Command`: the flags, the action and the text output of one subcommand."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tlstudio.operations.context import Context


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command; each module of `tlstudio.cli.commands` defines one as `COMMAND`.

    Attributes:
        summary: Shown by `--help`.
        add_flags: Adds its arguments and flags to its parser.
        run: Does the work and returns the value that `--json` prints.
        describe: Puts that value into words for a person.
        has_json: Whether it takes `--json`.
        can_resume: Whether there is anything yet to go on from; asked after a cancellation.
        resume_hint: Printed after a cancellation, or a failure that can be mended: how to go on.
    """

    summary: str
    add_flags: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Context], Any]
    describe: Callable[[Any], str]
    has_json: bool = True
    resume_hint: str = ""
    can_resume: Callable[[argparse.Namespace], bool] = lambda _options: True


def load_command(name: str) -> Command:
    """The command of that name."""
    module = importlib.import_module(f"tlstudio.cli.commands.{name.replace('-', '_')}")
    command: Command = module.COMMAND
    return command
