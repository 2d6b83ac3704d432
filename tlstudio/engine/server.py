"""Takes job requests, runs them one by one, answers with events."""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TextIO

from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.core.events import Emit, Event, run_guarded
from tlstudio.core.messages import JobCommand, JobRequest, message_from_json

log = logging.getLogger(__name__)

Job = Callable[..., Mapping[str, Any]]
"""Called as `job(run_id=…, emit=…, control=…, **arguments)`; returns plain JSON values."""


class JobServer:
    """Runs requested jobs in order, one at a time; wishes reach a job at once, also while it waits its turn.

    Args:
        table: Job by kind.
        emit: Receives every event.
        warm_up: Done before the first job, when there is time: its control is cancelled by the first message.
    """

    def __init__(
        self,
        table: Mapping[str, Job],
        *,
        emit: Emit,
        warm_up: Callable[[Control], None] = lambda control: None,
    ) -> None:
        self._table = table
        self._emit = emit
        self._warm_up = warm_up
        self._warming = Control()
        self._waiting: queue.Queue[JobRequest | None] = queue.Queue()
        self._controls: dict[str, Control] = {}

    def receive(self, message: JobRequest | JobCommand) -> None:
        """Take a message; called from the reading thread."""
        self._warming.cancel()
        if isinstance(message, JobRequest):
            self._controls[message.job_id] = Control()
            self._waiting.put(message)
        elif message.job_id in self._controls:
            getattr(self._controls[message.job_id], message.command)()

    def close(self) -> None:
        """No more messages will come: cancel what runs and waits, then let `run` return."""
        self._warming.cancel()
        for control in list(self._controls.values()):
            control.cancel()
        self._waiting.put(None)

    def run(self) -> None:
        """Run jobs until `close`."""
        if not self._warming.cancelled:
            try:
                self._warm_up(self._warming)
            except Cancelled:
                log.debug("the first job came before all was warm")
            except Exception:  # the job that needs it will say what is wrong
                log.info("nothing could be made ready", exc_info=True)
        while (request := self._waiting.get()) is not None:
            self._run_one(request)

    def _run_one(self, request: JobRequest) -> None:
        control = self._controls[request.job_id]

        def emit(event: Event) -> None:
            # A run speaks under its own name; the asker knows it by the job's.
            self._emit(replace(event, run_id=request.job_id))

        def job() -> Mapping[str, Any]:
            control.check()
            return self._table[request.kind](
                run_id=request.job_id, emit=emit, control=control, **request.arguments
            )

        run_guarded(job, run_id=request.job_id, emit=self._emit)
        del self._controls[request.job_id]


def read_messages(stream: TextIO, engine: JobServer) -> None:
    """Feed an engine from a stream until it ends, then close the engine."""
    for line in stream:
        try:
            engine.receive(message_from_json(line))
        except ValueError:
            log.exception("passed over a line that is no message")
    engine.close()
