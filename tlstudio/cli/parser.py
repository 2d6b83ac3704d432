"""The parser of all commands."""

from __future__ import annotations

import argparse
from typing import NoReturn

from tlstudio import __version__
from tlstudio.cli.command import load_command
from tlstudio.cli.commands import command_names
from tlstudio.cli.exit_codes import WRONG_INPUT
from tlstudio.core.visible import shortened, visible


class Parser(argparse.ArgumentParser):
    """Reports wrong usage like any other error: in one line, with what to do."""

    def error(self, message: str) -> NoReturn:
        """End the program with exit code 2."""
        text = visible(shortened(" ".join(message.split())))
        self.exit(WRONG_INPUT, f"tlstudio: {text}. `{self.prog} --help` lists what can be given.\n")


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of all commands; the chosen `Command` is in the result as `command`."""
    parser = Parser(
        prog="tlstudio",
        description="Make an image classifier from your own photos by transfer learning. "
        "Without a command the app opens; PATH may be a project, a folder of images or an exported model.",
        usage="tlstudio [PATH] | tlstudio COMMAND …",
    )
    parser.add_argument("--version", action="version", version=f"tlstudio {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True, prog="tlstudio")
    for name in command_names():
        command = load_command(name)
        own = subparsers.add_parser(name, help=command.summary, description=command.summary)
        own.set_defaults(command=command)
        command.add_flags(own)
        if command.has_json:
            own.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    return parser
