"""The parser knows every command, and the program finds out about them without importing them."""

import subprocess
import sys

from tlstudio.__main__ import _is_command, _run
from tlstudio.cli.commands import command_names
from tlstudio.cli.parser import build_parser
from tlstudio.specs import STRATEGIES


def test_the_parser_and_the_program_know_the_same_commands():
    actions = build_parser()._subparsers._group_actions
    assert list(actions[0].choices) == command_names()
    assert {"demo", "check", "backbones", "strategies", "rank", "train"} <= set(command_names())
    assert {"evaluate", "report", "export", "predict"} <= set(command_names())
    assert all(_is_command(name) for name in command_names())
    assert _is_command("--help")
    assert not _is_command("photos")


def test_a_mistyped_command_is_told_so(capsys):
    assert _run(["chekc", "photos"]) == 2
    assert "There is no command or file “chekc”" in capsys.readouterr().err


def test_the_window_starts_without_the_command_line():
    code = (
        "import sys, tlstudio.__main__ as program; program._is_command('photos'); "
        "own = sorted(name for name in sys.modules if name.startswith('tlstudio.')); "
        "print(own, 'pydantic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['tlstudio.__main__', 'tlstudio.cli', 'tlstudio.cli.commands'] False"


def test_help_of_train_names_strategies_and_options(capsys):
    help_text = build_parser()._subparsers._group_actions[0].choices["train"].format_help()
    words = " ".join(help_text.split())
    assert ", ".join([*STRATEGIES.ids(), "auto"]) in words
    assert "--set NAME=VALUE" in words
