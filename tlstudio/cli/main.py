"""Runs one command: from arguments to an exit code. Names, flags and JSON keys are fixed."""

from __future__ import annotations

import argparse
import io
import json
import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

from tlstudio.cli.command import Command
from tlstudio.cli.exit_codes import CANCELLED, DONE, FAULT, WRONG_INPUT
from tlstudio.cli.flag_words import with_flags
from tlstudio.cli.parser import build_parser
from tlstudio.cli.progress_bar import ProgressBar, silence
from tlstudio.core.control import Control
from tlstudio.core.errors import from_os_error
from tlstudio.core.events import JobCancelled, JobFailed, JobSucceeded, run_guarded
from tlstudio.core.visible import shortened, visible
from tlstudio.operations.context import Context

RUN_ID = "cli"
CANCELLED_EARLY = "Cancelled before anything was saved, so there is nothing to resume: start it again."


def main(arguments: Sequence[str]) -> int:
    """Run one command.

    Args:
        arguments: Without the program's name.

    Returns:
        The exit code: 0 done, 1 a fault of ours, 2 wrong input or usage, 130 cancelled.
    """
    _print_anything()
    options = build_parser().parse_args(arguments)
    command: Command = options.command
    control = Control()
    previous = signal.signal(signal.SIGINT, _interrupt_handler(control))
    bar = ProgressBar(sys.stderr)
    context = Context(run_id=RUN_ID, emit=bar, control=control)
    try:
        # What is printed is made inside the guard too: a damaged file may give values that cannot be told.
        final = run_guarded(
            lambda: {"text": _text(command.run(options, context), options)}, run_id=RUN_ID, emit=bar
        )
    finally:
        bar.close()
        signal.signal(signal.SIGINT, previous)
    if isinstance(final, JobSucceeded):
        return _print_result(final.result["text"])
    if isinstance(final, JobCancelled):
        saved = f"Cancelled; what was saved stays. {command.resume_hint}".rstrip()
        _print_line(saved if command.can_resume(options) else CANCELLED_EARLY)
        return CANCELLED
    return _print_failure(final, resume_hint=command.resume_hint)


def _print_failure(final: JobFailed, *, resume_hint: str = "") -> int:
    parts = (final.what, final.work, with_flags(final.mend), resume_hint if final.goes_on else "")
    _print_line(visible(f"tlstudio: {' '.join(shortened(' '.join(part.split())) for part in parts if part)}"))
    return FAULT if final.fault else WRONG_INPUT


def _print_line(text: str) -> None:
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        silence(sys.stderr)  # the exit code still says how it ended


def _interrupt_handler(control: Control) -> Callable[[int, FrameType | None], None]:
    def handle(_number: int, _frame: FrameType | None) -> None:
        if control.cancelled:  # pressed twice: leave at once; what is on disk is in order
            raise SystemExit(CANCELLED)
        print("\nStopping at the next safe point… (Ctrl-C again to leave at once)", file=sys.stderr)
        control.cancel()

    return handle


def _print_anything() -> None:
    """Let the console show letters that its encoding lacks, or bytes that are not text, as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _text(value: Any, options: argparse.Namespace) -> str:
    """Return the text that a command prints on standard output."""
    value = with_flags(value)
    if getattr(options, "json", False):
        return json.dumps(value, ensure_ascii=True)
    # Names of files and classes may hold characters that a terminal would obey.
    return visible(options.command.describe(value), keep="\n")


def _print_result(text: str) -> int:
    try:
        print(text, flush=True)
    except OSError as error:
        silence(sys.stdout)
        if isinstance(error, BrokenPipeError):  # the reader stopped early, like `head`
            return DONE
        error.filename = "standard output"
        reason = from_os_error(error)
        return _print_failure(JobFailed(run_id=RUN_ID, what=reason.what, work=reason.work, mend=reason.mend))
    return DONE
