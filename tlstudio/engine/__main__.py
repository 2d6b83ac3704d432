"""Reads jobs as JSON lines from stdin and writes events to stdout.

Started by the window as `python -m tlstudio.engine`; ends when stdin closes, so it never outlives the
window. A job that is running then is cancelled first, which leaves its checkpoints in order.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading

from tlstudio.compute.process import prepare_process
from tlstudio.core.control import Control
from tlstudio.core.events import Event, to_json
from tlstudio.engine.server import JobServer, read_messages
from tlstudio.operations.run import run_operation

NICENESS = 5
"""Added to the niceness of the process, so that the window is served first; training gets the rest."""


def main() -> None:
    """Run the engine on this process's stdin and stdout."""
    # Ctrl+C in a terminal reaches all processes of the app; the window closes, and that ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    prepare_process()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    # Only events go to the real stdout; whatever a library prints goes to stderr instead.
    events = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    lock = threading.Lock()

    def emit(event: Event) -> None:
        with lock:
            try:
                events.write(to_json(event) + "\n")
            except BrokenPipeError:
                os._exit(1)  # the window has ended; checkpoints are consistent at any time

    engine = JobServer(run_operation, emit=emit, warm_up=_warm_up)
    messages = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - a descriptor, not a path
    threading.Thread(target=read_messages, args=(messages, engine), daemon=True).start()
    engine.run()


def _warm_up(control: Control) -> None:
    # Imports torch, which many first jobs do without: when one comes at once, this is not called.
    from tlstudio.engine.warm_up import warm_up

    warm_up(control)


if __name__ == "__main__":
    main()
