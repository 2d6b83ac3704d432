"""`tlstudio`: opens the app, or runs a command."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tlstudio.cli.commands import command_names


def main() -> None:
    """Open the app, on PATH when one is given; run a command when one is named."""
    arguments = sys.argv[1:]
    if arguments and _is_command(arguments[0]):
        from tlstudio.cli.main import main as run_command
        from tlstudio.compute.threads import prepare_threads

        prepare_threads()
        raise SystemExit(run_command(arguments))
    if not has_screen():
        sys.stderr.write(
            "tlstudio: There is no screen to open the window on. "
            "Run `tlstudio demo` or another command; `tlstudio --help` lists them.\n"
        )
        raise SystemExit(2)
    from tlstudio.gui.app import run

    raise SystemExit(run(Path(arguments[0]) if arguments else None))


def _is_command(word: str) -> bool:
    return word.startswith("-") or word in command_names()


def has_screen() -> bool:
    """Whether a window can be shown."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


if __name__ == "__main__":
    main()
