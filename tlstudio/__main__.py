"""`tlstudio`: opens the app, or runs a command."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tlstudio.cli.commands import command_names


def main() -> None:
    """Open the app, on PATH when one is given; run a command when one is named."""
    # Without any handler Python prints warnings, with tracebacks, on the terminal.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        code = _run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    except Exception as error:  # noqa: BLE001 - the last place where a fault can be put into words
        from tlstudio.core.fault_log import where_to_look, write_fault

        what = f"Something went wrong inside tlstudio ({type(error).__name__}: {error})."
        code = _refused(f"{what} {where_to_look(write_fault(error, doing='starting'))}", code=1)
    raise SystemExit(code)


def _run(arguments: Sequence[str]) -> int:
    if arguments and _is_command(arguments[0]):
        from tlstudio.cli.main import main as run_command
        from tlstudio.compute.process import prepare_process

        prepare_process()
        return run_command(arguments)
    if len(arguments) > 1 and not Path(arguments[0]).exists():
        return _refused(
            f"There is no command or file “{arguments[0]}”. `tlstudio --help` lists the commands."
        )
    if not has_screen():
        return _refused(
            "There is no screen to open the window on. "
            "Run `tlstudio demo` or another command; `tlstudio --help` lists them."
        )
    try:
        from tlstudio.gui.app import run
    except ImportError as error:  # libraries of the system that Qt needs
        return _refused(
            f"The window needs a library that is missing here ({error}). Install it as the README says; "
            "`tlstudio demo` and the other commands need no window."
        )
    return run(Path(arguments[0]) if arguments else None)


def _refused(sentence: str, *, code: int = 2) -> int:
    sys.stderr.write(f"tlstudio: {' '.join(sentence.split())}\n")
    return code


def _is_command(word: str) -> bool:
    return word.startswith("-") or word in command_names()


def has_screen() -> bool:
    """Return whether a window can be shown."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


if __name__ == "__main__":
    main()
