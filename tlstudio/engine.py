"""The engine process: reads jobs as JSON lines from stdin, runs them one by one, answers with events.

Started by the window as `python -m tlstudio.engine`. Ends when stdin closes, so it never outlives the window;
a job that runs then is cancelled first, which leaves its checkpoints in order.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, TextIO

from tlstudio.core.control import Control
from tlstudio.core.events import Emit, Event, run_guarded, to_json
from tlstudio.core.jobs import JobRequest, JobWish, message_from_json

log = logging.getLogger(__name__)

Job = Callable[..., Mapping[str, Any]]
"""Called as `job(run_id=…, emit=…, control=…, **arguments)`; returns plain JSON values."""


class Engine:
    """Runs requested jobs in order, one at a time; wishes reach a job at once, also while it waits its turn.

    Args:
        table: Job by kind.
        emit: Receives every event.
    """

    def __init__(self, table: Mapping[str, Job], *, emit: Emit) -> None:
        self._table = table
        self._emit = emit
        self._waiting: queue.Queue[JobRequest | None] = queue.Queue()
        self._controls: dict[str, Control] = {}

    def receive(self, message: JobRequest | JobWish) -> None:
        """Take a message; called from the reading thread."""
        if isinstance(message, JobRequest):
            self._controls[message.job_id] = Control()
            self._waiting.put(message)
        elif message.job_id in self._controls:
            getattr(self._controls[message.job_id], message.wish)()

    def close(self) -> None:
        """No more messages will come: cancel what runs and waits, then let `run` return."""
        for control in list(self._controls.values()):
            control.cancel()
        self._waiting.put(None)

    def run(self) -> None:
        """Run jobs until `close`."""
        while (request := self._waiting.get()) is not None:
            self._run_one(request)

    def _run_one(self, request: JobRequest) -> None:
        control = self._controls[request.job_id]

        def job() -> Mapping[str, Any]:
            control.check()
            return self._table[request.kind](
                run_id=request.job_id, emit=self._emit, control=control, **request.arguments
            )

        run_guarded(job, run_id=request.job_id, emit=self._emit)
        del self._controls[request.job_id]


def read_messages(stream: TextIO, engine: Engine) -> None:
    """Feed an engine from a stream until it ends, then close the engine."""
    for line in stream:
        try:
            engine.receive(message_from_json(line))
        except ValueError:
            log.exception("passed over a line that is no message")
    engine.close()


def main() -> None:
    """Run the engine on this process's stdin and stdout."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    # Events own the real stdout; whatever a library prints goes to stderr instead.
    events = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    lock = threading.Lock()

    def emit(event: Event) -> None:
        with lock:
            try:
                events.write(to_json(event) + "\n")
            except BrokenPipeError:
                os._exit(1)  # the window is gone; checkpoints are in order at any moment

    from tlstudio import workflow  # imports torch: after stdout is safe, while the person looks for photos

    engine = Engine(workflow.JOBS, emit=emit)
    messages = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - a descriptor, not a path
    threading.Thread(target=read_messages, args=(messages, engine), daemon=True).start()
    engine.run()


if __name__ == "__main__":
    main()
